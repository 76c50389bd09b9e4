//! Models and digits as files, put into flash when the program is compiled.

/// Little-endian words from the bytes of a file; bytes beyond the last whole word are left out.
///
/// ```
/// const WORDS: [u32; 1] = dam_firmware::model::words(&[1, 2, 0, 0]);
/// assert_eq!(WORDS, [513]);
/// ```
pub const fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let mut words = [0; N];
    let mut i = 0;
    while i < N && 4 * i + 3 < bytes.len() {
        words[i] = u32::from_le_bytes([bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2], bytes[4 * i + 3]]);
        i += 1;
    }
    words
}
