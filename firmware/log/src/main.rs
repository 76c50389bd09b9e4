//! `dam-log IMAGE < FRAMES`: what a board has logged through `defmt`, a line each. IMAGE is the ELF file that was run.
//!
//! A program of its own: the decoder has all of a program that it is linked into read JSON in another way.

use std::error::Error;
use std::io::Read;

use defmt_decoder::{DecodeError, Table};

fn main() -> Result<(), Box<dyn Error>> {
    let image = std::env::args_os().nth(1).ok_or("name the image that was run: dam-log IMAGE < FRAMES")?;
    let mut frames = vec![];
    std::io::stdin().read_to_end(&mut frames)?;
    let table =
        Table::parse(&std::fs::read(image)?).map_err(|error| error.to_string())?.ok_or("the image has no log")?;
    let mut decoder = table.new_stream_decoder();
    decoder.received(&frames);
    loop {
        match decoder.decode() {
            Ok(frame) => println!("{}", frame.display_message()),
            Err(DecodeError::UnexpectedEof) => return Ok(()),
            Err(DecodeError::Malformed) => return Err("the log is damaged".into()),
        }
    }
}
