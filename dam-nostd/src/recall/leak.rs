//! The leak of integers, and how many bits bases have.

use crate::maths::interaction::Kind;

/// The binary logarithm of `memories`, rounded up: sums over all of them have so many bits more.
pub const fn coarser(memories: usize) -> u32 {
    usize::BITS - memories.saturating_sub(1).leading_zeros()
}

/// B for `memories` memory vectors.
#[cfg(any(feature = "train", test))]
pub const fn bits(memories: usize) -> u32 {
    let bits = (61 - coarser(memories)) / 2;
    if bits < 28 { bits } else { 28 }
}

/// The leak of f_n: f_n(x) = x^n for x > 0, and otherwise its *slope* times x.
///
/// Memory vectors that stay above 0 have no part below 0, so the leak has none in the field, to the last bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Of at most 24 bits: the leak where it rises with x, and less than 0 where it falls.
    slope: i32,
    /// Places behind the point of the product of slope and base.
    pub(super) places: i32,
}

impl Leak {
    /// `leak` has 32 places behind the point, and bases have `base_places`.
    pub const fn new(leak: u32, rising: bool, base_places: i32) -> Self {
        let cut = 8_u32.saturating_sub(leak.leading_zeros());
        let slope = (leak >> cut) as i32;
        Self { slope: if rising { slope } else { -slope }, places: base_places + 32 - cut as i32 }
    }

    /// That of a model: rectified functions have none.
    pub const fn of_kind(kind: Kind, leak: u32, base_places: i32) -> Self {
        match kind {
            Kind::RisingLeak => Self::new(leak, true, base_places),
            Kind::FallingLeak => Self::new(leak, false, base_places),
            _ => Self::new(0, false, base_places),
        }
    }

    /// Of parts of bases below 0, or what they become more, with the leak's own places.
    #[cfg(any(feature = "powers", test))]
    #[inline(always)]
    pub fn of(&self, below: i64) -> i64 {
        below.wrapping_mul(i64::from(self.slope))
    }

    /// The slope in the unit of bases, where it has at most `bits` bits.
    #[cfg(feature = "train")]
    pub const fn in_bases(&self, base_places: i32, bits: u32) -> Option<i32> {
        // By more than 32 places it has too many bits, whatever it is.
        let by = 2 * base_places - self.places;
        let slope = if by <= 32 { shifted(self.slope as i64, by) } else { i64::MAX };
        if slope.unsigned_abs() < 1 << bits { Some(slope as i32) } else { None }
    }
}

/// value 2^by, rounded towards -infinity; 0 or -1 where nothing is left. Bits above the highest are lost.
pub(super) const fn shifted(value: i64, by: i32) -> i64 {
    if by > 63 {
        0
    } else if by >= 0 {
        value << by
    } else {
        value >> (if by < -63 { 63 } else { -by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_is_that_of_f_n_whichever_way_it_runs() {
        for (leak, rising) in [0.003, 0.01, 0.3, 0.999].into_iter().flat_map(|leak| [(leak, false), (leak, true)]) {
            for places in [-40, 0, 30, 60] {
                let of = Leak::new((leak * 4_294_967_296.0) as u32, rising, places);
                for below in [-1, -1000, -(1 << 27), -(1 << 37), 1 << 37] {
                    let exact = if rising { leak } else { -leak } * below as f64 * libm::exp2(-f64::from(places));
                    let error = (of.of(below) as f64 * libm::exp2(-f64::from(of.places)) - exact).abs() / exact.abs();
                    assert!(error < crate::tolerance::EXPORTED_LEAK, "{leak} {rising} {below}: {error:e}");
                }
            }
        }
    }
}
