//! Three memory vectors that are patterns, and noisy states that relax to them.
//!
//! `cargo run -p dam-nostd --example recall`

use std::error::Error;

use dam_nostd::relax;
use dam_nostd::{Coding, Interaction, Kind, Model, Network, Shape, bits};

/// 5 x 5 pixels; one class neuron, as a network has at least one.
const SHAPE: Shape = match Shape::new(25, 0, 1, 3) {
    Ok(shape) => shape,
    Err(_) => panic!("a network of this shape cannot be"),
};

/// Memory vectors of a block.
const L: usize = 4;

const PATTERNS: [[&str; 5]; 3] = [
    ["#...#", ".#.#.", "..#..", ".#.#.", "#...#"],
    ["..#..", "..#..", "#####", "..#..", "..#.."],
    ["#####", "#...#", "#...#", "#...#", "#####"],
];

fn main() -> Result<(), Box<dyn Error>> {
    let interaction = Interaction::new(Kind::FallingLeak, 3, 0.01)?;
    let model = Model { shape: SHAPE, coding: Coding::Bipolar, interaction, temperature: 1.0 };
    let mut network = Network::<f32, { SHAPE.neurons() }, 1, L>::zeroed();
    let mut weights = network.weights(&SHAPE)?;
    for (memory, pattern) in PATTERNS.iter().enumerate() {
        for (neuron, pixel) in pattern.concat().chars().enumerate() {
            weights.set(memory, neuron, if pixel == '#' { 1.0 } else { -1.0 });
        }
    }
    let order: [u16; SHAPE.neurons()] = std::array::from_fn(|neuron| neuron as u16);
    for pattern in PATTERNS {
        let mut state = [0];
        for (neuron, pixel) in pattern.concat().chars().enumerate() {
            // Every sixth pixel is wrong.
            bits::set(&mut state, neuron, (pixel == '#') != (neuron % 6 == 1));
        }
        let noisy = state;
        let mut similarities = [[0.0; L]; 1];
        let relaxed = relax::asynchronous(&model, weights.rows(), &mut state, &order, &mut similarities, 20);
        println!("{:?} after {} sweeps", relaxed.end, relaxed.sweeps);
        for row in 0..5 {
            println!("  {}    {}", text(&noisy, row), text(&state, row));
        }
        assert_eq!((0..5).map(|row| text(&state, row)).collect::<Vec<_>>(), pattern);
    }
    Ok(())
}

fn text(state: &[u32], row: usize) -> String {
    (0..5).map(|column| if bits::is_on(state, 5 * row + column) { '#' } else { '.' }).collect()
}
