//! Boards with a debug probe: logs by RTT, pins by their registers.
//!
//! Not tried on hardware: the images are built and linked, and what they compute runs under QEMU.

use core::convert::Infallible;
use core::sync::atomic::AtomicU8;

use dam_demos::Console;
use dam_firmware::rtt::Rtt;
use defmt_rtt as _;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{self, InputPin, OutputPin};
use embedded_io::{ErrorType, Write};

/// Writes a register.
///
/// # Safety
/// `address` is that of a 32-bit register of the board, and `value` does what is wanted there.
pub unsafe fn write(address: usize, value: u32) {
    // SAFETY: said above.
    unsafe { (address as *mut u32).write_volatile(value) }
}

/// Sets and clears bits of a register.
///
/// # Safety
/// As [`write`].
pub unsafe fn modify(address: usize, clear: u32, set: u32) {
    // SAFETY: said above.
    unsafe {
        let register = address as *mut u32;
        register.write_volatile(register.read_volatile() & !clear | set);
    }
}

/// Whether all of `bits` are set in a register.
///
/// # Safety
/// As [`write`].
pub unsafe fn is_set(address: usize, bits: u32) -> bool {
    // SAFETY: said above.
    unsafe { (address as *const u32).read_volatile() & bits == bits }
}

/// Starts the crystal of 12 MHz of a RP2040 or RP2350, and runs the processor by it instead of by the ring oscillator, whose
/// frequency depends on temperature and voltage.
///
/// # Safety
/// These are the addresses of the oscillator and of the clocks; both clocks are as after a reset.
pub unsafe fn crystal(oscillator: usize, clocks: usize) {
    // SAFETY: said above; offsets and bits are those of the datasheets of the RP2040 and RP2350, which agree in them.
    unsafe {
        // A millisecond until it is stable, in 256 cycles; 1 to 15 MHz, enabled; stable.
        write(oscillator + 0x0c, 47);
        write(oscillator, 0xfab << 12 | 0xaa0);
        while !is_set(oscillator + 0x04, 1 << 31) {}
        // The reference clock, by which the system clock runs, is the crystal's.
        write(clocks + 0x30, 2);
        while !is_set(clocks + 0x38, 1 << 2) {}
    }
}

/// An output that one register sets and one clears, each where a bit is written.
#[derive(Debug)]
pub struct Output {
    set: (usize, u32),
    clear: (usize, u32),
}

impl Output {
    /// By the address and the bits of each register.
    ///
    /// # Safety
    /// Both are such registers.
    pub unsafe fn new(set: (usize, u32), clear: (usize, u32)) -> Self {
        Self { set, clear }
    }
}

impl digital::ErrorType for Output {
    type Error = Infallible;
}

impl OutputPin for Output {
    fn set_low(&mut self) -> Result<(), Infallible> {
        // SAFETY: promised when this was made.
        unsafe { write(self.clear.0, self.clear.1) };
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        // SAFETY: promised when this was made.
        unsafe { write(self.set.0, self.set.1) };
        Ok(())
    }
}

/// An input: a bit of a register.
#[derive(Debug)]
pub struct Input {
    address: usize,
    bit: u32,
    inverted: bool,
}

impl Input {
    /// By its register; `inverted` where the button makes the pin high.
    ///
    /// # Safety
    /// It is such a register.
    pub unsafe fn new(address: usize, bit: u32, inverted: bool) -> Self {
        Self { address, bit, inverted }
    }
}

impl digital::ErrorType for Input {
    type Error = Infallible;
}

impl InputPin for Input {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        // SAFETY: promised when this was made.
        Ok(unsafe { is_set(self.address, self.bit) } != self.inverted)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.is_high().map(|high| !high)
    }
}

/// Waits by counting cycles.
#[derive(Debug)]
pub struct Cycles {
    /// Cycles of a microsecond.
    pub per_microsecond: u32,
}

impl DelayNs for Cycles {
    fn delay_ns(&mut self, nanoseconds: u32) {
        cortex_m::asm::delay((nanoseconds / 1000 + 1).saturating_mul(self.per_microsecond));
    }

    fn delay_ms(&mut self, milliseconds: u32) {
        for _ in 0..milliseconds {
            cortex_m::asm::delay(self.per_microsecond.saturating_mul(1000));
        }
    }
}

/// A serial line: what is written goes where `ready` says that there is room.
#[derive(Debug)]
pub struct Serial {
    /// Where a byte is written.
    data: usize,
    /// The register and the bits that are `level` where there is room.
    ready: (usize, u32, bool),
}

impl Serial {
    /// By its registers.
    ///
    /// # Safety
    /// They are such registers, and the line is switched on.
    pub unsafe fn new(data: usize, ready: (usize, u32, bool)) -> Self {
        Self { data, ready }
    }
}

impl ErrorType for Serial {
    type Error = Infallible;
}

impl Write for Serial {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let Some(&byte) = bytes.first() else { return Ok(0) };
        let (address, bits, level) = self.ready;
        // SAFETY: promised when this was made.
        unsafe {
            while is_set(address, bits) != level {}
            write(self.data, byte.into());
        }
        Ok(1)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// What recall images log by RTT: each digit, its answer, and a HardFault. A probe finds it by the name that `build.rs` of each board gives it,
/// or by the mark that it begins with.
#[unsafe(no_mangle)]
pub static ANSWERS: Rtt<512> = Rtt::new(&BUFFER);
static BUFFER: [AtomicU8; 512] = [const { AtomicU8::new(0) }; 512];

/// Two serial lines, of which each gets all. What the second has no room for is lost.
#[derive(Debug)]
pub struct Both<A, B>(pub A, pub B);

impl<A: ErrorType, B: ErrorType> ErrorType for Both<A, B> {
    type Error = A::Error;
}

impl<A: Write, B: Write> Write for Both<A, B> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, A::Error> {
        let written = self.0.write(bytes)?;
        let _ = self.1.write(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> Result<(), A::Error> {
        self.0.flush()
    }
}

/// Prints through defmt, and counts cycles: by the DWT where the processor has it, and otherwise, of the Cortex-M0+, by the
/// system timer, which begins again after 17 million.
#[derive(Debug)]
pub struct Log;

impl Log {
    /// Starts the counter.
    pub fn new() -> Self {
        if let Some(mut peripherals) = cortex_m::Peripherals::take() {
            #[cfg(feature = "dwt")]
            {
                peripherals.DCB.enable_trace();
                peripherals.DWT.enable_cycle_counter();
            }
            #[cfg(not(feature = "dwt"))]
            {
                peripherals.SYST.set_clock_source(cortex_m::peripheral::syst::SystClkSource::Core);
                peripherals.SYST.set_reload(Self::TICKS - 1);
                peripherals.SYST.clear_current();
                peripherals.SYST.enable_counter();
            }
        }
        Self
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Console for Log {
    const TICKS: u32 = if cfg!(feature = "dwt") { 1 << 31 } else { 1 << 24 };
    const UNIT: &'static str = "cycles";

    fn line(&mut self, text: &str) {
        defmt::println!("{=str}", text);
    }

    fn watch(&mut self) {
        crate::stack::paint();
    }

    fn stack(&self) -> usize {
        crate::stack::used()
    }

    #[cfg(feature = "dwt")]
    fn now(&self) -> u32 {
        cortex_m::peripheral::DWT::cycle_count()
    }

    #[cfg(not(feature = "dwt"))]
    fn now(&self) -> u32 {
        Self::TICKS - 1 - cortex_m::peripheral::SYST::get_current()
    }

    fn counted(&self, ticks: u32) -> u32 {
        ticks
    }
}

/// The demonstration image.
pub fn demonstrate() -> ! {
    crate::demonstrate(&mut Log::new());
    loop {
        cortex_m::asm::wfi();
    }
}

/// The image with the whole network.
pub fn demonstrate_whole() -> ! {
    dam_demos::whole(&mut Log::new());
    loop {
        cortex_m::asm::wfi();
    }
}

/// Says where, and stops; for images with a log: see [`tell_faults`](crate::tell_faults).
pub fn fault(place: u32) -> ! {
    defmt::error!("HardFault at {=u32:#010x}", place);
    loop {
        cortex_m::asm::wfi();
    }
}

/// The same for recall images, where nothing may panic, and so nothing formats.
pub fn fault_in_recall(place: u32) -> ! {
    let Ok(_) = (&ANSWERS).write(b"HardFault at 0x");
    let mut left = place;
    for _ in 0..8 {
        left = left.rotate_left(4);
        let Ok(_) = (&ANSWERS).write(&[b"0123456789abcdef"[(left & 15) as usize]]);
    }
    let Ok(_) = (&ANSWERS).write(b"\r\n");
    loop {
        cortex_m::asm::wfi();
    }
}

/// Makes a HardFault say where it was: by `fault`, or in recall images, where what logs through defmt is not linked, by
/// `fault_in_recall`.
#[macro_export]
macro_rules! tell_faults {
    () => {
        $crate::tell_faults!(fault);
    };
    ($say:ident) => {
        #[cortex_m_rt::exception]
        unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
            $crate::hardware::$say(frame.pc())
        }
    };
}

/// Says where, and stops. Recall images have no panic, and so nothing of it.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    if let Some(place) = info.location() {
        defmt::error!("panicked at {=str}:{=u32}", place.file(), place.line());
    }
    loop {
        cortex_m::asm::wfi();
    }
}
