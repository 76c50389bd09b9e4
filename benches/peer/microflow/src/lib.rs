//! A perceptron by microflow, for C.
#![no_std]

use microflow::buffer::Buffer2D;
use microflow::model;

const PIXELS: usize = 196;

#[model("perceptron.tflite")]
struct Perceptron;

/// The class of a digit, whose pixels are bytes of 0 and 1.
///
/// # Safety
/// `pixels` points to 196 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn microflow_classify(pixels: *const [i8; PIXELS]) -> u32 {
    // SAFETY: said above.
    let shown = Buffer2D::<i8, 1, PIXELS>::from_row_slice(unsafe { &*pixels });
    let fields = Perceptron::predict_quantized(shown);
    let mut best = (0, f32::NEG_INFINITY);
    for (class, &field) in fields.iter().enumerate() {
        if field > best.1 {
            best = (class, field);
        }
    }
    best.0 as u32
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
