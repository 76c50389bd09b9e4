//! CRC-32 (IEEE 802.3) of words, each word's lowest byte first.

/// The checksum of no words, before [`finished`].
pub const START: u32 = u32::MAX;

/// The checksum `crc` with one word more.
pub const fn with(crc: u32, word: u32) -> u32 {
    let mut crc = crc ^ word;
    let mut nibble = 0;
    while nibble < 8 {
        crc = (crc >> 4) ^ CRC[(crc & 15) as usize];
        nibble += 1;
    }
    crc
}

/// The checksum as it is stored.
pub const fn finished(crc: u32) -> u32 {
    !crc
}

/// The remainders of all patterns of four bits.
const CRC: [u32; 16] = {
    let mut table = [0; 16];
    let mut i = 0;
    while i < 16 {
        let (mut crc, mut bit) = (i as u32, 0);
        while bit < 4 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};
