//! Flash memories and serial lines of QEMU's boards, for the image that goes on learning.

use core::convert::Infallible;

use dam_demos::further::{Mapped, Start};
use dam_nostd::store::Flash;
use embedded_io::{ErrorType, Read};

use crate::qemu::{Qemu, exit};

fn read(address: usize) -> u32 {
    // SAFETY: the addresses below are those of registers and of flash of the boards, and aligned.
    unsafe { (address as *const u32).read_volatile() }
}

fn write(address: usize, value: u32) {
    // SAFETY: as above; nothing else of the program lies there: `memory.x` keeps it free.
    unsafe { (address as *mut u32).write_volatile(value) }
}

/// How a region of flash is erased and written.
pub trait Controller {
    /// Words of a page.
    const PAGE: usize;
    /// Erases the page at this address.
    fn erase(address: usize);
    /// Writes a word.
    fn write(address: usize, word: u32);
}

/// The controller of the nRF51's flash, which QEMU has too.
#[derive(Debug)]
pub struct Nvmc;

impl Nvmc {
    const READY: usize = 0x4001_e400;
    const CONFIG: usize = 0x4001_e504;
    const ERASE_PAGE: usize = 0x4001_e508;

    fn with(config: u32, address: usize, value: u32) {
        write(Self::CONFIG, config);
        write(address, value);
        while read(Self::READY) & 1 == 0 {}
        write(Self::CONFIG, 0);
    }
}

impl Controller for Nvmc {
    const PAGE: usize = 256;

    fn erase(address: usize) {
        Self::with(2, Self::ERASE_PAGE, address as u32);
    }

    fn write(address: usize, word: u32) {
        Self::with(1, address, word);
    }
}

/// Memory that keeps its content over a reset and is used as if it were flash: bits are cleared word by word, and set by
/// pages.
#[derive(Debug)]
pub struct Retained;

impl Controller for Retained {
    const PAGE: usize = 1024;

    fn erase(address: usize) {
        (0..Self::PAGE).for_each(|word| write(address + 4 * word, u32::MAX));
    }

    fn write(address: usize, word: u32) {
        write(address, read(address) & word);
    }
}

/// Flash from `START` on, of `PAGES` pages.
#[derive(Debug)]
pub struct Region<C, const START: usize, const PAGES: usize>(core::marker::PhantomData<C>);

impl<C, const START: usize, const PAGES: usize> Region<C, START, PAGES> {
    /// The region.
    ///
    /// # Safety
    /// It is such flash, nothing else of the program lies there, and this is made once.
    pub unsafe fn new() -> Self {
        Self(core::marker::PhantomData)
    }
}

impl<C: Controller, const START: usize, const PAGES: usize> Flash for Region<C, START, PAGES> {
    type Error = Infallible;
    const PAGE: usize = C::PAGE;
    const UNIT: usize = 1;

    fn pages(&self) -> usize {
        PAGES
    }

    fn read(&mut self, at: usize, words: &mut [u32]) -> Result<(), Infallible> {
        words.iter_mut().enumerate().for_each(|(i, word)| *word = read(START + 4 * (at + i)));
        Ok(())
    }

    fn erase(&mut self, page: usize) -> Result<(), Infallible> {
        C::erase(START + 4 * C::PAGE * page);
        Ok(())
    }

    fn write(&mut self, at: usize, words: &[u32]) -> Result<(), Infallible> {
        words.iter().enumerate().for_each(|(i, &word)| C::write(START + 4 * (at + i), word));
        Ok(())
    }
}

impl<C: Controller, const START: usize, const PAGES: usize> Mapped for Region<C, START, PAGES> {
    fn words(&self, at: usize, count: usize) -> Option<&[u32]> {
        if at.checked_add(count)? > PAGES * C::PAGE {
            return None;
        }
        // SAFETY: words of the region, which only changes through a unique borrow of it.
        Some(unsafe { core::slice::from_raw_parts((START + 4 * at) as *const u32, count) })
    }
}

/// The serial line of the nRF51.
#[derive(Debug)]
pub struct Nrf51Uart;

impl Nrf51Uart {
    const START: usize = 0x4000_2000;
    const READY: usize = 0x4000_2108;
    const ENABLE: usize = 0x4000_2500;
    const DATA: usize = 0x4000_2518;

    /// Switched on.
    ///
    /// # Safety
    /// The board has one, and this is made once.
    pub unsafe fn new() -> Self {
        write(Self::ENABLE, 4);
        write(Self::START, 1);
        Self
    }
}

impl ErrorType for Nrf51Uart {
    type Error = Infallible;
}

impl Read for Nrf51Uart {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let Some(place) = bytes.first_mut() else { return Ok(0) };
        while read(Self::READY) == 0 {}
        write(Self::READY, 0);
        *place = read(Self::DATA) as u8;
        Ok(1)
    }
}

/// The serial line of Arm's boards.
#[derive(Debug)]
pub struct CmsdkUart;

impl CmsdkUart {
    const DATA: usize = 0x4000_4000;
    const STATE: usize = 0x4000_4004;
    const CONTROL: usize = 0x4000_4008;
    const DIVIDER: usize = 0x4000_4010;

    /// Switched on.
    ///
    /// # Safety
    /// The board has one, and this is made once.
    pub unsafe fn new() -> Self {
        write(Self::DIVIDER, 217);
        write(Self::CONTROL, 2);
        Self
    }
}

impl ErrorType for CmsdkUart {
    type Error = Infallible;
}

impl Read for CmsdkUart {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let Some(place) = bytes.first_mut() else { return Ok(0) };
        while read(Self::STATE) & 2 == 0 {}
        *place = read(Self::DATA) as u8;
        Ok(1)
    }
}

/// Learns and resets, or takes up what was learned and ends; the system timer runs at `khz`.
pub fn demonstrate(khz: u32, start: impl FnOnce(&mut Qemu) -> Start) -> ! {
    let mut console = Qemu::new(khz);
    crate::stack::paint();
    let ended = start(&mut console);
    dam_demos::Console::print(
        &mut console,
        format_args!("{}stack of further learning {} bytes", dam_demos::MEASURED, crate::stack::used()),
    );
    match ended {
        Start::Learned => cortex_m::peripheral::SCB::sys_reset(),
        Start::Restored => exit(0),
        Start::Failed => exit(1),
    }
}
