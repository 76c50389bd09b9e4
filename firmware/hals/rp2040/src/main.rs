//! The application with `rp2040-hal`, on the Raspberry Pi Pico.
#![no_std]
#![no_main]

use dam_firmware::display::Binary;
use rp2040_hal::clocks::init_clocks_and_plls;
use rp2040_hal::fugit::RateExtU32;
use rp2040_hal::gpio::{DynPinId, FunctionSio, Pin, Pins, PullDown, SioOutput};
use rp2040_hal::pac::Peripherals;
use rp2040_hal::uart::{DataBits, StopBits, UartConfig, UartPeripheral};
use rp2040_hal::{Clock, Sio, Timer, Watchdog};

/// The crystal, in Hz.
const CRYSTAL: u32 = 12_000_000;

type Led = Pin<DynPinId, FunctionSio<SioOutput>, PullDown>;

/// The second stage of the boot loader, which makes the flash readable.
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;

#[rp2040_hal::entry]
fn main() -> ! {
    let Some(mut parts) = Peripherals::take() else { halt() };
    let mut watchdog = Watchdog::new(parts.WATCHDOG);
    let (xosc, clocks) = (parts.XOSC, parts.CLOCKS);
    let clocks =
        init_clocks_and_plls(CRYSTAL, xosc, clocks, parts.PLL_SYS, parts.PLL_USB, &mut parts.RESETS, &mut watchdog);
    let Ok(clocks) = clocks else { halt() };
    let sio = Sio::new(parts.SIO);
    let pins = Pins::new(parts.IO_BANK0, parts.PADS_BANK0, sio.gpio_bank0, &mut parts.RESETS);
    let leds: [Led; 4] = [
        pins.gpio25.into_push_pull_output().into_dyn_pin(),
        pins.gpio16.into_push_pull_output().into_dyn_pin(),
        pins.gpio17.into_push_pull_output().into_dyn_pin(),
        pins.gpio18.into_push_pull_output().into_dyn_pin(),
    ];
    let lines = (pins.gpio0.into_function(), pins.gpio1.into_function());
    let settings = UartConfig::new(115_200.Hz(), DataBits::Eight, None, StopBits::One);
    let serial = UartPeripheral::new(parts.UART0, lines, &mut parts.RESETS);
    let Ok(serial) = serial.enable(settings, clocks.peripheral_clock.freq()) else { halt() };
    let delay = Timer::new(parts.TIMER, &mut parts.RESETS, &clocks);
    shown::run(Binary(leds), pins.gpio15.into_pull_up_input(), serial, delay)
}

fn halt() -> ! {
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    halt()
}
