//! Tables in safetensors: `x`, [rows, columns], numbers, and `y`, [rows], whole numbers or words' numbers.

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::{RowsError, Table, Values};

pub(super) fn read(bytes: &[u8]) -> Result<Table, RowsError> {
    let wrong = |text: String| RowsError::Arrays(text);
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
    let tensor = |name: &str| tensors.tensor(name).map_err(|_| wrong(format!("there is no tensor {name}")));
    let (x, y) = (tensor("x")?, tensor("y")?);
    let (&[rows, columns], &[labels]) = (x.shape(), y.shape()) else {
        return Err(wrong(format!("x has the shape {:?}, and y {:?}", x.shape(), y.shape())));
    };
    if rows != labels {
        return Err(wrong(format!("x has {rows} rows, and y {labels}")));
    }
    let (x, y) = (numbers(&x)?, numbers(&y)?);
    let column = |column: usize| Values::Numbers((0..rows).map(|row| x[row * columns + column]).collect());
    Ok(Table {
        names: (0..columns).map(|column| column.to_string()).collect(),
        columns: (0..columns).map(column).collect(),
        labels: y.iter().map(ToString::to_string).collect(),
    })
}

fn numbers(tensor: &TensorView<'_>) -> Result<Vec<f64>, RowsError> {
    macro_rules! read {
        ($type:ty) => {
            tensor
                .data()
                .chunks_exact(size_of::<$type>())
                .map(|bytes| {
                    <$type>::from_le_bytes(bytes.try_into().expect("a chunk is as long as it was asked for")) as f64
                })
                .collect()
        };
    }
    Ok(match tensor.dtype() {
        Dtype::F64 => read!(f64),
        Dtype::F32 => read!(f32),
        Dtype::I64 => read!(i64),
        Dtype::I32 => read!(i32),
        Dtype::I16 => read!(i16),
        Dtype::I8 => read!(i8),
        Dtype::U64 => read!(u64),
        Dtype::U32 => read!(u32),
        Dtype::U16 => read!(u16),
        Dtype::U8 | Dtype::BOOL => read!(u8),
        other => return Err(RowsError::Arrays(format!("{other:?} are no numbers that are read here"))),
    })
}
