//! Loops that are compiled once for each interaction vertex of the paper.

/// From so many lanes on.
pub(super) const WIDE: usize = 16;

/// `$loops`, in which `$f` is an interaction function for rows of `$lanes` lanes of `$number`, and `$off` tells whether all
/// updated neurons are off.
///
/// Where rows are wide and all updated neurons are off, the loops of the rising leak are compiled once for each vertex of the
/// paper ([`Scalar::EACH_VERTEX`](crate::Scalar::EACH_VERTEX)): then the chain of multiplications is known, nothing is asked
/// neuron by neuron, and numbers stay in registers. The numbers are the same. Narrow rows, those of small processors,
/// have one loop for all.
macro_rules! for_each_vertex {
    ($f:ident, $off:ident, $number:ty, $lanes:expr, $loops:expr) => {{
        let wide = <$number>::EACH_VERTEX && $lanes >= super::vertex::WIDE;
        let each = wide && $off && $f.kind() == $crate::Kind::RisingLeak;
        super::vertex::for_each_vertex!($f, $off, each, $loops; 2, 5, 10, 20)
    }};
    ($f:ident, $off:ident, $each:ident, $loops:expr; $($vertex:literal),+) => {
        match $f.vertex() {
            $($vertex if $each => {
                let ($f, $off) = ($f.with_vertex($vertex), true);
                $loops
            })+
            _ => $loops,
        }
    };
}

pub(super) use for_each_vertex;
