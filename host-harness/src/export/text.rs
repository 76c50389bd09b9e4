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

/// A C header: the words of the model.
pub fn c(words: &[u32], name: &str, origin: &str) -> String {
    let guard = format!("{}_H", name.to_uppercase());
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

/// A name of C from the name of a file.
pub fn identifier(stem: &str) -> String {
    let letters = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    let name: String = letters.collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("dam_{name}") }
}
