//! What is kept where power may fail: words in two slots of a flash memory, of which at every moment one is whole.
//!
//! [`Slots`] writes into the slot that is not the newest, the header last. Whenever power is lost, at the next start either
//! what was written or what was there before is found, by its checksum. [`Flash`] is what it asks of a memory.
//!
//! # A slot
//! | word | content |
//! |---|---|
//! | 0 | `44 41 4D 53`: `DAMS` |
//! | 1 | version, 1 |
//! | 2 | kind: what the words are, a number of the program's own; [`LEARNER`] is a learner |
//! | 3 | sequence: one more than that of the slot before it |
//! | 4 | words of the content |
//! | 5 | CRC-32 of the content |
//! | 6 | CRC-32 of words 0 to 5 |
//!
//! The content begins with the next unit of writing. It is written first, then the header.
//!
//! # What is not promised
//! A flash whose power fails while it erases may read one thing now and another later, where cells were left half-way. Such
//! a slot is written anew before it is trusted, since only a matching checksum makes it count, and the other slot stays
//! untouched. A memory whose erasing or writing disturbs other pages is beyond this.

pub mod flash;
pub mod slots;
pub mod words;

#[cfg(feature = "train")]
mod session;
#[cfg(feature = "train")]
pub mod trained;

#[cfg(feature = "train")]
pub use session::{LEARNER, RestoreError};
#[cfg(feature = "train")]
pub use trained::{Description, Trained, TrainedError};
pub use {
    flash::Flash,
    slots::{Record, SlotError, Slots},
    words::{Sink, Source},
};
