//! The table as a Parquet file: one row group, every column optional.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::{Column, Kind, Table, Value};

/// The whole file.
///
/// # Errors
/// None that its input can cause.
pub fn parquet(table: &Table) -> Result<Vec<u8>, ParquetError> {
    let fields = table.columns().iter().map(field).collect::<Result<_, _>>()?;
    let schema = Arc::new(Type::group_type_builder("trials").with_fields(fields).build()?);
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(vec![], schema, properties)?;
    let mut group = writer.next_row_group()?;
    for (place, column) in table.columns().iter().enumerate() {
        let values = table.column(place);
        match column.kind {
            // The bits of an unsigned number; the schema says that it is one.
            Kind::Count => write::<Int64Type>(&mut group, values, |value| match value {
                Value::Count(count) => Some(count.cast_signed()),
                _ => None,
            })?,
            Kind::Real => write::<DoubleType>(&mut group, values, |value| match value {
                Value::Real(real) => Some(*real),
                _ => None,
            })?,
            Kind::Truth => write::<BoolType>(&mut group, values, |value| match value {
                Value::Truth(truth) => Some(*truth),
                _ => None,
            })?,
            Kind::Text => write::<ByteArrayType>(&mut group, values, |value| match value {
                Value::Text(text) => Some(ByteArray::from(text.as_str())),
                _ => None,
            })?,
        }
    }
    group.close()?;
    writer.into_inner()
}

fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Count => (Physical::INT64, Some(LogicalType::integer(64, false))),
        Kind::Real => (Physical::DOUBLE, None),
        Kind::Truth => (Physical::BOOLEAN, None),
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let field = Type::primitive_type_builder(&column.name, physical);
    Ok(Arc::new(field.with_logical_type(logical).with_repetition(Repetition::OPTIONAL).build()?))
}

/// Writes the next column of the group: for each cell whether it is there, and the values of those that are.
fn write<'a, T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    cells: impl Iterator<Item = Option<&'a Value>>,
    of: impl Fn(&Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let cells: Vec<Option<T::T>> = cells.map(|cell| cell.and_then(&of)).collect();
    let there: Vec<i16> = cells.iter().map(|cell| cell.is_some().into()).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(&values, Some(&there), None)?;
        column.close()?;
    }
    Ok(())
}
