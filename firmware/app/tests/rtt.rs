//! The log that a debug probe reads.

use std::sync::atomic::AtomicU8;

use dam_firmware::rtt::Rtt;
use embedded_io::Write;

/// What a probe finds.
fn taken<const N: usize>(mut log: &Rtt<N>) -> String {
    log.flush().unwrap();
    String::from_utf8(std::iter::from_fn(|| log.take()).collect()).unwrap()
}

#[test]
fn a_probe_reads_what_was_written_again_and_again() {
    static BUFFER: [AtomicU8; 8] = [const { AtomicU8::new(0) }; 8];
    static LOG: Rtt<8> = Rtt::new(&BUFFER);
    for text in ["3", "", "12345", "7654321", "\r\n", "0123456"] {
        assert_eq!((&LOG).write(text.as_bytes()), Ok(text.len()));
        assert_eq!(taken(&LOG), text);
    }
}

#[test]
fn without_a_probe_what_there_is_no_room_for_is_lost_and_nothing_waits() {
    static BUFFER: [AtomicU8; 4] = [const { AtomicU8::new(0) }; 4];
    static LOG: Rtt<4> = Rtt::new(&BUFFER);
    for text in ["01", "23", "45"] {
        assert_eq!((&LOG).write(text.as_bytes()), Ok(2));
    }
    assert_eq!(taken(&LOG), "012");
    assert_eq!((&LOG).write(b"67"), Ok(2));
    assert_eq!(taken(&LOG), "67");
}
