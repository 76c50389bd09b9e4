//! A button that bounces.

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::InputPin;

/// Milliseconds between two looks at the button.
const PERIOD: u32 = 5;

/// Looks that have to agree.
const AGREE: u32 = 3;

/// A button that pulls its pin low when it is pressed.
#[derive(Debug)]
pub struct Button<P> {
    pin: P,
}

impl<P: InputPin> Button<P> {
    /// At `pin`.
    pub fn new(pin: P) -> Self {
        Self { pin }
    }

    /// Waits until the button has been let go and pressed.
    ///
    /// # Errors
    /// Those of the pin.
    pub fn wait_for_press(&mut self, delay: &mut impl DelayNs) -> Result<(), P::Error> {
        self.wait_for(false, delay)?;
        self.wait_for(true, delay)
    }

    fn wait_for(&mut self, pressed: bool, delay: &mut impl DelayNs) -> Result<(), P::Error> {
        let mut agreed = 0;
        while agreed < AGREE {
            agreed = if self.pin.is_low()? == pressed { agreed + 1 } else { 0 };
            delay.delay_ms(PERIOD);
        }
        Ok(())
    }

    /// The pin.
    pub fn release(self) -> P {
        self.pin
    }
}
