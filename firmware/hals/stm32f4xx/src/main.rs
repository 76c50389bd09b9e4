//! The application with `stm32f4xx-hal`, on the STM32F4 Discovery. Its serial lines are of `embedded-io` 0.6.
#![no_std]
#![no_main]

use dam_firmware::display::Binary;
use dam_firmware::serial::Older;
use stm32f4xx_hal::pac::Peripherals;
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::rcc::Config;

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(parts) = Peripherals::take() else { halt() };
    let mut rcc = parts.RCC.freeze(Config::hse(8.MHz()).sysclk(168.MHz()));
    let (a, d) = (parts.GPIOA.split(&mut rcc), parts.GPIOD.split(&mut rcc));
    let led = |pin: stm32f4xx_hal::gpio::ErasedPin<stm32f4xx_hal::gpio::Output>| pin;
    let leds = [
        led(d.pd12.into_push_pull_output().erase()),
        led(d.pd13.into_push_pull_output().erase()),
        led(d.pd14.into_push_pull_output().erase()),
        led(d.pd15.into_push_pull_output().erase()),
    ];
    let Ok(serial) = parts.USART2.tx(a.pa2, 115_200.bps(), &mut rcc) else { halt() };
    let delay = parts.TIM5.delay_us(&mut rcc);
    shown::run(Binary(leds), a.pa0.into_pull_down_input(), Older(serial), delay)
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
