//! The application with `nrf52840-hal`, on the nRF52840-DK.
#![no_std]
#![no_main]

use cortex_m::singleton;
use dam_firmware::display::Binary;
use nrf52840_hal::gpio::{Level, Output, Pin, PushPull, p0};
use nrf52840_hal::pac::Peripherals;
use nrf52840_hal::uarte::{Baudrate, Parity, Pins, Uarte};
use nrf52840_hal::{Clocks, Timer};

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(parts) = Peripherals::take() else { halt() };
    let _clocks = Clocks::new(parts.CLOCK).enable_ext_hfosc();
    let port = p0::Parts::new(parts.P0);
    let led = |pin: Pin<Output<PushPull>>| pin;
    let leds = [
        led(port.p0_13.into_push_pull_output(Level::High).degrade()),
        led(port.p0_14.into_push_pull_output(Level::High).degrade()),
        led(port.p0_15.into_push_pull_output(Level::High).degrade()),
        led(port.p0_16.into_push_pull_output(Level::High).degrade()),
    ];
    let pins = Pins {
        rxd: port.p0_08.into_floating_input().degrade(),
        txd: port.p0_06.into_push_pull_output(Level::High).degrade(),
        cts: None,
        rts: None,
    };
    let uarte = Uarte::new(parts.UARTE0, pins, Parity::EXCLUDED, Baudrate::BAUD115200);
    // `UarteTx::write` of version 0.19 panics where what it is given does not fill its buffer: one byte always does.
    let (Some(sent), Some(received)) = (singleton!(: [u8; 1] = [0]), singleton!(: [u8; 1] = [0])) else { halt() };
    let Ok((serial, _)) = uarte.split(sent, received) else { halt() };
    let button = port.p0_11.into_pullup_input();
    shown::run(Binary(leds), button, serial, Timer::new(parts.TIMER0))
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
