//! Boards that QEMU emulates: logs and exit codes by semihosting, instructions counted by the system timer.

use core::convert::Infallible;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use dam_demos::Console;
use defmt_semihosting as _;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};

/// A program that ends with an exit code.
pub use semihosting::process::exit;

/// QEMU runs with `-icount shift=4`: an instruction takes 2^4 ns. Then the timer begins again after 42 million of them or
/// more, and tells their number to within 5.
const NANOSECONDS: u64 = 1 << 4;

/// Prints through defmt and counts instructions.
#[derive(Debug)]
pub struct Qemu {
    /// Frequency of the system timer in kHz.
    khz: u32,
}

impl Qemu {
    /// With the timer, which QEMU runs at `khz`.
    pub fn new(khz: u32) -> Self {
        if let Some(peripherals) = cortex_m::Peripherals::take() {
            let mut timer = peripherals.SYST;
            timer.set_clock_source(SystClkSource::Core);
            timer.set_reload(Self::TICKS - 1);
            timer.clear_current();
            timer.enable_counter();
        }
        Self { khz }
    }
}

impl Console for Qemu {
    const TICKS: u32 = 1 << 24;

    fn line(&mut self, text: &str) {
        defmt::println!("{=str}", text);
    }

    fn watch(&mut self) {
        crate::stack::paint();
    }

    fn stack(&self) -> usize {
        crate::stack::used()
    }

    fn now(&self) -> u32 {
        Self::TICKS - 1 - SYST::get_current()
    }

    fn counted(&self, ticks: u32) -> u32 {
        let nanoseconds = u64::from(ticks) * 1_000_000 / u64::from(self.khz.max(1));
        ((nanoseconds + NANOSECONDS / 2) / NANOSECONDS) as u32
    }
}

/// A lamp that nobody sees.
#[derive(Debug)]
pub struct Lamp;

impl ErrorType for Lamp {
    type Error = Infallible;
}

impl OutputPin for Lamp {
    fn set_low(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A button that is pressed now and then: for so many looks it is up, then as many down.
#[derive(Debug, Default)]
pub struct Presser {
    looks: u32,
}

impl ErrorType for Presser {
    type Error = Infallible;
}

impl InputPin for Presser {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(!self.is_low()?)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.looks = self.looks.wrapping_add(1);
        Ok(self.looks & 4 == 4)
    }
}

/// The standard error of QEMU.
#[derive(Debug)]
pub struct Serial;

impl embedded_io::ErrorType for Serial {
    type Error = Infallible;
}

impl embedded_io::Write for Serial {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            semihosting::sys::arm_compat::sys_writec(byte);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Does not wait: nobody is there to wait for.
#[derive(Debug)]
pub struct NoDelay;

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {}
}

/// The recall image, which shows eight digits, sends how many bytes of stack were used, and ends.
pub fn recall() -> ! {
    let lamps = [Lamp, Lamp, Lamp, Lamp];
    let outcome = crate::recall(dam_firmware::display::Binary(lamps), Presser::default(), Serial, NoDelay, Some(8));
    let used = crate::stack::used();
    for place in [10_000_usize, 1000, 100, 10, 1] {
        semihosting::sys::arm_compat::sys_writec(b'0' + (used.checked_div(place).unwrap_or(0) % 10) as u8);
    }
    exit(i32::from(outcome.is_err()))
}

/// The demonstration image; the system timer runs at `khz`.
pub fn demonstrate(khz: u32) -> ! {
    crate::demonstrate(&mut Qemu::new(khz));
    exit(0)
}

/// The image with the whole network; the system timer runs at `khz`.
pub fn demonstrate_whole(khz: u32) -> ! {
    dam_demos::whole(&mut Qemu::new(khz));
    exit(0)
}

/// The image with the classifier in other number types; the system timer runs at `khz`.
pub fn demonstrate_precisions(khz: u32) -> ! {
    dam_demos::precisions(&mut Qemu::new(khz));
    exit(0)
}

/// Says where, and ends: a wrong address, an instruction that the processor does not have, a stack that is too small.
#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    "HardFault at 0x".bytes().for_each(|byte| semihosting::sys::arm_compat::sys_writec(byte));
    for place in (0..8).rev() {
        let digit = (frame.pc() >> (4 * place) & 15) as u8;
        semihosting::sys::arm_compat::sys_writec(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
    }
    semihosting::sys::arm_compat::sys_writec(b'\n');
    exit(70)
}

/// The image that faults, so that it can be seen what it says.
pub fn fault() -> ! {
    cortex_m::asm::udf()
}

/// Says where, and stops. Recall images have no panic, and so nothing of it.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    if let Some(place) = info.location() {
        defmt::error!("panicked at {=str}:{=u32}", place.file(), place.line());
    }
    exit(101)
}
