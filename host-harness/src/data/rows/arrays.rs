//! Tables of two arrays: `x`, [rows, columns], numbers, and `y`, [rows], whole numbers; in safetensors, or in NumPy's NPZ.

use safetensors::{Dtype, SafeTensors};

use super::{RowsError, Table, Values};

/// An array of numbers, the last axis innermost.
#[derive(Debug, PartialEq)]
pub(super) struct Array {
    /// How long each axis is.
    pub shape: Vec<usize>,
    /// All numbers.
    pub numbers: Vec<f64>,
}

/// Types of numbers that both formats have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub(super) enum Type {
    F64,
    F32,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
}

/// The table of `x` and `y`.
pub(super) fn table(x: Array, y: &Array) -> Result<Table, RowsError> {
    let (&[rows, columns], &[labels]) = (&x.shape[..], &y.shape[..]) else {
        return Err(RowsError::Arrays(format!("x has the shape {:?}, and y {:?}", x.shape, y.shape)));
    };
    if rows != labels {
        return Err(RowsError::Arrays(format!("x has {rows} rows, and y {labels}")));
    }
    let x = x.numbers;
    let column = |column: usize| Values::Numbers((0..rows).map(|row| x[row * columns + column]).collect());
    Ok(Table {
        names: (0..columns).map(|column| column.to_string()).collect(),
        columns: (0..columns).map(column).collect(),
        labels: y.numbers.iter().map(ToString::to_string).collect(),
    })
}

/// The tensors `x` and `y` of a safetensors file.
pub(super) fn read(bytes: &[u8]) -> Result<Table, RowsError> {
    let wrong = |text: String| RowsError::Arrays(text);
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
    let array = |name: &str| {
        let tensor = tensors.tensor(name).map_err(|_| wrong(format!("there is no tensor {name}")))?;
        let of = match tensor.dtype() {
            Dtype::F64 => Type::F64,
            Dtype::F32 => Type::F32,
            Dtype::I64 => Type::I64,
            Dtype::I32 => Type::I32,
            Dtype::I16 => Type::I16,
            Dtype::I8 => Type::I8,
            Dtype::U64 => Type::U64,
            Dtype::U32 => Type::U32,
            Dtype::U16 => Type::U16,
            Dtype::U8 | Dtype::BOOL => Type::U8,
            other => return Err(wrong(format!("{other:?} are no numbers that are read here"))),
        };
        Ok(Array { shape: tensor.shape().to_vec(), numbers: numbers(tensor.data(), of) })
    };
    table(array("x")?, &array("y")?)
}

/// Numbers of a type, the lowest byte first. What is left of a number at the end is left out.
pub(super) fn numbers(bytes: &[u8], of: Type) -> Vec<f64> {
    macro_rules! read {
        ($type:ty) => {
            bytes
                .chunks_exact(size_of::<$type>())
                .map(|bytes| {
                    <$type>::from_le_bytes(bytes.try_into().expect("a chunk is as long as it was asked for")) as f64
                })
                .collect()
        };
    }
    match of {
        Type::F64 => read!(f64),
        Type::F32 => read!(f32),
        Type::I64 => read!(i64),
        Type::I32 => read!(i32),
        Type::I16 => read!(i16),
        Type::I8 => read!(i8),
        Type::U64 => read!(u64),
        Type::U32 => read!(u32),
        Type::U16 => read!(u16),
        Type::U8 => read!(u8),
    }
}
