//! A station with mocked parts.

use std::convert::Infallible;

use dam_firmware::button::Button;
use dam_firmware::display::{Binary, SevenSegments};
use dam_firmware::station::Fault;
use dam_firmware::{Digits, Memory, Station};
use dam_nostd::recall::Model;
use dam_nostd::recall::model::{HEADER, MAGIC, Sections, VERSION, checksum};
use embedded_hal_mock::eh1::delay::NoopDelay;
use embedded_hal_mock::eh1::digital::{Mock as Pin, State, Transaction};

/// Two pixels and two classes; memory vector 0 says that pixel 0 belongs to class 0, memory vector 1 that pixel 1 belongs
/// to class 1. n = 2, no leak.
fn model() -> Vec<u32> {
    let shape = dam_nostd::Shape::new(2, 0, 2, 2).unwrap();
    let mut words = vec![0; HEADER];
    (words[0], words[1]) = (MAGIC, VERSION | 8 << 16);
    words[2] = Sections::new::<i8>(&shape).words() as u32;
    (words[4], words[5], words[6], words[7]) = (2 | 1 << 16, 2 << 16, 2, 2 | 2 << 8);
    // Twice a weight as a base, with a = 12 and factors of 2^30.
    (words[9], words[10]) = (12, 20);
    let twice = |weight: i32| weight << 11;
    let weights: [[i32; 4]; 2] = [[100, -100, 100, -100], [-100, 100, -100, 100]];
    let of_memories =
        |value: &dyn Fn(usize) -> i32| (0..16).map(|k| if k < 2 { value(k) as u32 } else { 0 }).collect::<Vec<u32>>();
    words.extend(of_memories(&|_| 1 << 30));
    words.extend(of_memories(&|k| weights[k].iter().sum::<i32>() << 12));
    words.extend(of_memories(&|_| twice(100)));
    words.extend(of_memories(&|_| twice(100)));
    // The drifts, of two words each.
    words.extend([0; 8]);
    words.extend((0..32).map(|i| if i < 4 { twice(weights[i / 2][2 + i % 2]) as u32 } else { 0 }));
    for neuron in 0..2 {
        let lane = |k: usize| weights.get(k).map_or(128, |weights| (weights[neuron] + 128) as u8);
        words.extend((0..4).map(|w| u32::from_le_bytes([0, 1, 2, 3].map(|b| lane(4 * w + b)))));
    }
    words[3] = checksum(&words);
    words
}

/// A line that takes at most three bytes at a time, and keeps what is sent.
#[derive(Default)]
struct Serial {
    sent: String,
    flushed: usize,
}

impl embedded_io::ErrorType for Serial {
    type Error = Infallible;
}

impl embedded_io::Write for Serial {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let taken = &bytes[..bytes.len().min(3)];
        self.sent.extend(taken.iter().map(|&byte| char::from(byte)));
        Ok(taken.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        self.flushed += 1;
        Ok(())
    }
}

/// A line that is broken.
struct Broken;

impl embedded_io::ErrorType for Broken {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        Err(embedded_io::ErrorKind::BrokenPipe)
    }

    fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        Ok(())
    }
}

/// What a pressed button is looked at: up three times, one bounce, down three times.
fn press() -> Vec<Transaction> {
    let looks = [State::High, State::High, State::High, State::Low, State::High, State::Low, State::Low, State::Low];
    looks.map(Transaction::get).to_vec()
}

type Small = Memory<i8, 16, 2, 1>;

#[test]
fn each_press_shows_the_next_digit() {
    let words = model();
    let model = Model::<i8>::open(&words).unwrap();
    assert!(Small::fits(&model.shape()));
    let mut memory = Small::new();
    let digits = Digits { words: 1, states: &[0b01, 0b10], labels: &[0, 1] };
    let button = Pin::new(&[press(), press(), press()].concat());
    // The answers 0, 1, 0 on one diode, the second of which never lights.
    let lit = |states: [State; 3]| Pin::new(&states.map(Transaction::set));
    let pins = [lit([State::Low, State::High, State::Low]), lit([State::Low; 3])];
    let mut station = Station::new(memory.recall(model), digits, Binary(pins), Button::new(button), Serial::default());
    let answers = [(); 3].map(|()| station.step(&mut NoopDelay::new()).unwrap());
    assert_eq!(answers, [0, 1, 0]);
    let (display, mut button, serial) = station.release();
    display.0.into_iter().for_each(|mut pin| pin.done());
    button.done();
    assert_eq!((&*serial.sent, serial.flushed), ("#.\r\n0\r\n.#\r\n1\r\n#.\r\n0\r\n", 3));
}

#[test]
fn a_part_that_fails_is_named() {
    let words = model();
    let fault = || embedded_hal_mock::eh1::MockError::Io(std::io::ErrorKind::NotConnected);
    let step = |button: &[Transaction], lamp: &[Transaction]| {
        let mut memory = Small::new();
        let recall = memory.recall(Model::open(&words).unwrap());
        let digits = Digits { words: 1, states: &[0b01], labels: &[0] };
        let (button, lamp) = (Pin::new(button), Pin::new(lamp));
        let mut parts = (button.clone(), lamp.clone());
        let mut station = Station::new(recall, digits, Binary([lamp]), Button::new(button), Broken);
        let answer = station.step(&mut NoopDelay::new());
        parts.0.done();
        parts.1.done();
        answer
    };
    let low = || Transaction::set(State::Low);
    assert_eq!(step(&[Transaction::get(State::High).with_error(fault())], &[]), Err(Fault::Button));
    assert_eq!(step(&press(), &[low().with_error(fault())]), Err(Fault::Display));
    assert_eq!(step(&press(), &[low()]), Err(Fault::Serial));
}

#[test]
fn seven_segments_show_a_seven() {
    use dam_firmware::display::Display;
    let states = [State::High, State::High, State::High, State::Low, State::Low, State::Low, State::Low];
    let mut display = SevenSegments(states.map(|state| Pin::new(&[Transaction::set(state)])));
    display.show(7).unwrap();
    display.0.into_iter().for_each(|mut pin| pin.done());
}
