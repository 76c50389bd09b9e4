//! Loops that are compiled once for each interaction vertex of the paper.

/// From so many lanes on.
pub(super) const WIDE: usize = 16;

/// `$loops`, in which `$f` is an interaction function for rows of `$lanes` lanes of `$number`.
///
/// Where rows are wide, the loops of the rising leak are compiled once for each vertex of the paper
/// ([`Scalar::EACH_VERTEX`](crate::Scalar::EACH_VERTEX)): then the chain of multiplications is known, and numbers stay in
/// registers along it. The numbers are the same. Narrow rows, those of small processors, have one loop for all.
macro_rules! for_each_vertex {
    ($f:ident, $number:ty, $lanes:expr, $loops:expr) => {{
        let each = <$number>::EACH_VERTEX && $lanes >= super::vertex::WIDE && $f.kind() == $crate::Kind::RisingLeak;
        super::vertex::for_each_vertex!($f, each, $loops; 2, 5, 10, 20)
    }};
    ($f:ident, $each:ident, $loops:expr; $($vertex:literal),+) => {
        match $f.vertex() {
            $($vertex if $each => {
                let $f = $f.with_vertex($vertex);
                $loops
            })+
            _ => $loops,
        }
    };
}

pub(super) use for_each_vertex;
