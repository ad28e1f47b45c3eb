//! From the fields of the records to the columns of a table.
use super::{Archive, Field, Value, identifier};

/// A column that is a member of the JSON objects.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    pub field: &'a Field,
    /// Which of the columns whose names are the same in lower case and without special characters; from 0.
    nth: usize,
}

impl Column<'_> {
    pub fn name(&self) -> String {
        let name = identifier(&self.field.key);
        match self.nth {
            0 => name,
            nth => format!("{name}_{}", nth + 1),
        }
    }

    /// In Athena's DDL, which has Hive's names.
    pub fn hive_type(&self) -> &'static str {
        match self.field.value {
            Value::Text | Value::Time => "string",
            Value::Integer => "bigint",
            Value::Number => "double",
        }
    }
}

/// The columns of an archive's table that are not in the keys. The route is, where its name is part of them.
pub fn columns(archive: &Archive) -> Vec<Column<'_>> {
    let partitions = archive.layout.columns();
    let mut taken: Vec<String> = partitions.iter().map(|name| name.to_string()).collect();
    let mut columns = Vec::new();
    let in_keys = |field: &Field| archive.layout.by_route && field.key == super::layout::ROUTE;
    for field in archive.records.fields.iter().filter(|field| !in_keys(field)) {
        let mut column = Column { field, nth: 0 };
        while taken.contains(&column.name()) {
            column.nth += 1;
        }
        taken.push(column.name());
        columns.push(column);
    }
    columns
}

/// The name of a field's column.
pub fn name_of(archive: &Archive, field: &Field) -> String {
    let found = columns(archive).into_iter().find(|column| column.field == field);
    found.map_or_else(|| identifier(&field.key), |column| column.name())
}
