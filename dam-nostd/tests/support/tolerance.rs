//! Every tolerance of every test, and why it is what it is. A test states no tolerance of its own.
//!
//! Most tests compare `f64` with `f64`: one rounding is 2^-53 = 1.1e-16 of the number that is rounded.

/// One or two roundings of `f64`, where what is compared is of the size of 1: a division and the same division written
/// otherwise.
pub const ONE_ROUNDING: f64 = 1e-15;

/// Sums of some tens of terms in `f64`, added in another order: errors grow with the root of the terms, and cancellation
/// may cost a digit.
pub const FEW_TERMS: f64 = 1e-13;

/// Sums of hundreds of terms in `f64`, some of them products of three numbers, added in another order.
pub const MANY_TERMS: f64 = 1e-12;

/// Two ways to solve the same small quadratic programme in `f64`, relative to 1 + its value: the condition of a Gram
/// matrix with nearly dependent gradients is up to 1e6.
pub const QUADRATIC_PROGRAMME: f64 = 1e-9;

/// The conditions for the optimum of the dual problem with up to 16 variables: one digit more is lost than with 6.
pub const LARGE_QUADRATIC_PROGRAMME: f64 = 1e-8;

/// What an enumeration takes for non-negative: below the rounding of [`QUADRATIC_PROGRAMME`], above that of one number.
pub const NOT_NEGATIVE: f64 = 1e-12;

/// A pivot that is this small against the largest is zero: a few roundings.
pub const ZERO_PIVOT: f64 = 1e-15;

/// A central difference of two points in `f64`, of numbers of the size of 1: step 1e-6, so 1e-10 of rounding and 1e-12
/// times a third derivative of up to 1e4.
pub const DIFFERENCE_OF_TWO: f64 = 1e-7;

/// A central difference of five points through the whole network, relative to the largest derivative: rounding 1e-16 over
/// a step of 1e-6 leaves 1e-10, and interaction vertices of 40 multiply by up to 1e4.
pub const DIFFERENCE_OF_FIVE: f64 = 1e-6;

/// A central difference of a penalty, step 1e-5: the third derivative of a parabola is zero, rounding 1e-16 / 1e-5 leaves
/// 1e-11, and the loss around it another factor of 1e4.
pub const DIFFERENCE_OF_PENALTY: f64 = 1e-6;

/// A projected gradient in `f32`, whose inner products have 24-bit factors and some hundred terms: 1e2 * 6e-8.
pub const PROJECTED_IN_F32: f64 = 1e-5;

/// Where the nearest of two constructed solutions is to be recognised: they are 1e-2 apart.
pub const RECOGNISED: f64 = 1e-6;

/// A cosine may exceed 1 by the rounding of two square roots of `f32` sums.
pub const COSINE_IN_F32: f64 = 1e-6;

/// A fixed-point number is at most half a step of 2^-24 from what it should be; `f64` adds nothing to that.
pub const HALF_A_STEP: f64 = 0.5 / 16_777_216.0 + 1e-15;

/// x^n in fixed point, relative: a mantissa of 32 bits is rounded at most 2 log2(n) times, and an error made early is
/// multiplied up to n times.
pub const fn fixed_power(n: u32) -> f64 {
    2.0 * n as f64 / 4_294_967_296.0
}

/// The mean difference of weights between learning in fixed point and in `f64`, after three tasks of some 30 steps of up
/// to 0.08: hardly more than rounding, but where a field or a product was near zero it may have gone the other way.
pub const FIXED_WEIGHTS: f64 = 0.02;

/// The largest median relative error that any layer may have in the audit, in `f32` and 32-bit fixed point: 24 bits, times
/// an interaction vertex of up to 40 and the cancellation of two nearly equal powers. With weights of 16 bits, half a step
/// of 2^-14 in each of some hundred weights, times the same.
pub const fn audited(sixteen_bits: bool) -> f64 {
    if sixteen_bits { 0.05 } else { 2e-4 }
}

/// A slope below this has no central difference in `f64`: the function is flat there to all digits.
pub const VANISHING_SLOPE: f64 = 1e-20;

/// A power below this is too near the end of `f64` for a relative error.
pub const VANISHING_POWER: f64 = 1e-290;

/// The leak of an exported model, relative: it has 32 places and at most 24 bits, 2^-23 and, of 0.003, 2^-23.6.
pub const EXPORTED_LEAK: f64 = 2.2e-7;

/// A field of a model of integers whose weights are exact, against the largest: powers have 26 bits, and fields are
/// differences of powers that are a hundredth of them.
pub const EXPORTED_FIELD: f64 = 1e-4;

/// A field of an exported model in `f32` against the harness, which adds the same hundred terms in another order.
pub const EXPORTED_F32: f64 = 1e-5;
