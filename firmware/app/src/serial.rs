//! Serial lines of `embedded-io` 0.6, which some hardware abstraction layers have still: `stm32f4xx-hal` 0.23 is one.

use embedded_io::{ErrorKind, ErrorType, Read, Write};

/// A serial line of the older version as one of the newer.
#[derive(Debug)]
pub struct Older<S>(pub S);

/// What went wrong, of what both versions know.
fn kind(error: &impl embedded_io_06::Error) -> ErrorKind {
    match error.kind() {
        embedded_io_06::ErrorKind::TimedOut => ErrorKind::TimedOut,
        embedded_io_06::ErrorKind::InvalidData => ErrorKind::InvalidData,
        embedded_io_06::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
        embedded_io_06::ErrorKind::OutOfMemory => ErrorKind::OutOfMemory,
        _ => ErrorKind::Other,
    }
}

impl<S> ErrorType for Older<S> {
    type Error = ErrorKind;
}

impl<S: embedded_io_06::Write> Write for Older<S> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.0.write(bytes).map_err(|error| kind(&error))
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.flush().map_err(|error| kind(&error))
    }
}

impl<S: embedded_io_06::Read> Read for Older<S> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(bytes).map_err(|error| kind(&error))
    }
}
