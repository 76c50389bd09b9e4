//! Words of a shell.

use std::borrow::Cow;

/// `text` as one word of a shell: as it is where that is one, otherwise in quotes.
pub fn word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "_-./:,=+@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        for (text, quoted) in [
            ("results/store", "results/store"),
            ("my store", "'my store'"),
            ("it's", r"'it'\''s'"),
            ("a;b", "'a;b'"),
            ("$HOME", "'$HOME'"),
            ("*", "'*'"),
            ("", "''"),
        ] {
            assert_eq!(word(text), quoted);
        }
    }
}
