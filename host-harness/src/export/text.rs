//! Models as source code.

use std::fmt::Write;

use super::ExportPrecision;

/// A Rust module: the words of the model, checked when it is compiled, and nothing at run time.
pub fn rust(words: &[u32], precision: ExportPrecision, origin: &str) -> String {
    let weights = precision.name();
    format!(
        "// Made by `dam export`: {origin}.\n\n\
         use dam_nostd::recall::Model;\n\n\
         /// The model; its checksum is verified when this is compiled.\n\
         #[allow(long_running_const_eval, reason = \"large models take a second\")]\n\
         pub static MODEL: Model<'static, {weights}> = match Model::open(&WORDS) {{\n    \
         Ok(model) => model,\n    \
         Err(_) => panic!(\"these are not the words that were exported\"),\n\
         }};\n\n\
         #[rustfmt::skip]\n\
         static WORDS: [u32; {}] = [\n{}];\n",
        words.len(),
        lines(words, ""),
    )
}

/// A Rust module: the words of a network that goes on learning.
pub fn trainable(words: &[u32], origin: &str) -> String {
    format!(
        "// Made by `dam export --trainable`: {origin}.\n\n\
         /// The network; `dam_nostd::store::Trained::open` reads it.\n\
         #[rustfmt::skip]\n\
         pub static NETWORK: [u32; {}] = [\n{}];\n",
        words.len(),
        lines(words, ""),
    )
}

/// A C header: the words of the model.
pub fn c(words: &[u32], name: &str, origin: &str) -> String {
    // Not that of the library's own header, dam.h.
    let guard = format!("MODEL_{}_H", name.to_uppercase());
    format!(
        "/* Made by `dam export`: {origin}. */\n\
         #ifndef {guard}\n#define {guard}\n\n\
         #include <stdint.h>\n\n\
         #define {}_WORDS {}u\n\n\
         static const uint32_t {name}[{}] = {{\n{}}};\n\n\
         #endif\n",
        name.to_uppercase(),
        words.len(),
        words.len(),
        lines(words, "u"),
    )
}

fn lines(words: &[u32], suffix: &str) -> String {
    let mut text = String::new();
    for line in words.chunks(8) {
        let numbers: Vec<String> = line.iter().map(|word| format!("{word:#010x}{suffix},")).collect();
        let _ = writeln!(text, "    {}", numbers.join(" "));
    }
    text
}

/// Words that C or C++ keep for themselves, and names that every program has.
const RESERVED: &str = "alignas alignof and and_eq asm auto bitand bitor bool break case catch char class co_await co_return \
    co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do double \
    dynamic_cast else enum explicit export extern false float for friend goto if inline int long main mutable namespace new \
    noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires restrict return \
    short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef \
    typeid typename typeof typeof_unqual union unsigned using virtual void volatile wchar_t while xor xor_eq";

/// A name of C from the name of a file: no reserved word, no type's name, and none of the library's.
///
/// ```
/// use host_harness::export::text::identifier;
///
/// assert_eq!(identifier("net-14x14"), "net_14x14");
/// assert_eq!(identifier("int"), "model_int");
/// assert_eq!(identifier("DAM"), "model_dam");
/// ```
pub fn identifier(stem: &str) -> String {
    let letters = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    let name: String = letters.collect();
    let ours = name == "dam" || name.starts_with("dam_");
    let reserved = RESERVED.split_whitespace().any(|word| word == name) || name.ends_with("_t");
    let letter = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if letter && !ours && !reserved { name } else { format!("model_{name}") }
}
