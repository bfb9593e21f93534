//! MySQL and MariaDB dumps in, the tables they create and the rows they insert out, value by value.
//! One row is in memory at a time, however long its INSERT is. It reads what mysqldump, phpMyAdmin,
//! Adminer and wp-cli write, and never runs SQL.

use std::io::BufRead;

use super::broken::Broken;
use super::sql_text::SqlText;
use super::sql_value::{Value, from_hexadecimal};
use crate::bounded::RECORD;

/// Longest value that is kept, in bytes; a comment has 65,535 at most. Longer ones (pages,
/// pictures) are skipped (docs/DECISIONS.md, "An imported record may have 4 MiB").
pub(super) const LONGEST_VALUE: usize = 1 << 20;

/// Values of a row that are kept: as many as MySQL has columns.
const MOST_VALUES: usize = 4_096;

/// Largest depth of calls inside calls:
const DEEPEST: usize = 16;

/// A statement that says something about rows.
#[derive(Debug, PartialEq)]
pub(super) enum Statement {
    /// Names of the columns, in order.
    Create { table: String, columns: Vec<String> },
    /// Rows follow; no columns are named where all are meant.
    Insert { table: String, columns: Vec<String> },
}

pub(super) struct Dump {
    text: SqlText,
    /// Rows of the current INSERT may follow.
    inserting: bool,
    /// Bytes of the current row that may still be kept.
    room: usize,
}

impl Dump {
    pub(super) fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            text: SqlText::new(input),
            inserting: false,
            room: 0,
        }
    }

    /// The next statement about rows; passes over all others, and over rows that were not asked
    /// for.
    pub(super) fn statement(&mut self) -> Result<Option<Statement>, Broken> {
        while self.row()?.is_some() {}
        loop {
            self.text.space()?;
            if self.text.peek()?.is_none() {
                if self.text.lacks_its_end() {
                    return Err(self
                        .text
                        .cut_short("the line \"Dump completed\" is missing"));
                }
                return Ok(None);
            }
            match self.text.word()?.to_ascii_uppercase().as_str() {
                "INSERT" | "REPLACE" => {
                    if let Some(table) = self.insert()? {
                        return Ok(Some(table));
                    }
                }
                "CREATE" => {
                    if let Some(table) = self.create()? {
                        return Ok(Some(table));
                    }
                }
                _ => self.text.pass_over()?,
            }
        }
    }

    /// The next row of the INSERT that `statement` returned.
    pub(super) fn row(&mut self) -> Result<Option<Vec<Value>>, Broken> {
        if !self.inserting {
            return Ok(None);
        }
        loop {
            self.text.space()?;
            match self.text.next()? {
                Some(b',') => {}
                Some(b'(') => break,
                Some(b';') => {
                    self.inserting = false;
                    return Ok(None);
                }
                // ON DUPLICATE KEY UPDATE ...
                Some(b) if b.is_ascii_alphabetic() => {
                    self.inserting = false;
                    self.text.pass_over()?;
                    return Ok(None);
                }
                Some(b) => return Err(self.text.unexpected(b)),
                None => return Err(self.text.cut_short("an INSERT has no end")),
            }
        }
        let mut row = Vec::new();
        self.room = RECORD;
        loop {
            let value = self.value(DEEPEST)?;
            if row.len() < MOST_VALUES {
                row.push(value);
            }
            self.text.space()?;
            match self.text.next()? {
                Some(b',') => {}
                Some(b')') => return Ok(Some(row)),
                Some(b) => return Err(self.text.unexpected(b)),
                None => return Err(self.text.cut_short("a row has no end")),
            }
        }
    }

    /// After `INSERT`; `None` if it inserts no literal rows.
    fn insert(&mut self) -> Result<Option<Statement>, Broken> {
        loop {
            self.text.space()?;
            match self.text.word()?.to_ascii_uppercase().as_str() {
                "INTO" => break,
                "IGNORE" | "LOW_PRIORITY" | "DELAYED" | "HIGH_PRIORITY" => {}
                _ => {
                    self.text.pass_over()?;
                    return Ok(None);
                }
            }
        }
        let table = self.text.name()?;
        self.text.space()?;
        let mut columns = Vec::new();
        if self.text.peek()? == Some(b'(') {
            self.text.next()?;
            loop {
                self.push_column(&mut columns)?;
                self.text.space()?;
                match self.text.next()? {
                    Some(b',') => {}
                    Some(b')') => break,
                    Some(b) => return Err(self.text.unexpected(b)),
                    None => return Err(self.text.cut_short("a list of columns has no end")),
                }
            }
            self.text.space()?;
        }
        if !matches!(
            self.text.word()?.to_ascii_uppercase().as_str(),
            "VALUES" | "VALUE"
        ) {
            self.text.pass_over()?;
            return Ok(None);
        }
        self.inserting = true;
        Ok(Some(Statement::Insert { table, columns }))
    }

    /// After `CREATE`; `None` if it creates no table.
    fn create(&mut self) -> Result<Option<Statement>, Broken> {
        self.text.space()?;
        let mut word = self.text.word()?.to_ascii_uppercase();
        if word == "TEMPORARY" {
            self.text.space()?;
            word = self.text.word()?.to_ascii_uppercase();
        }
        if word != "TABLE" {
            self.text.pass_over()?;
            return Ok(None);
        }
        let mut table = self.text.name()?;
        if table.eq_ignore_ascii_case("IF") {
            self.text.name()?;
            self.text.name()?;
            table = self.text.name()?;
        }
        self.text.space()?;
        if self.text.next()? != Some(b'(') {
            self.text.pass_over()?;
            return Ok(None);
        }
        let mut columns = Vec::new();
        let (mut depth, mut at_start) = (1_u64, true);
        while depth > 0 {
            self.text.space()?;
            let Some(byte) = self.text.peek()? else {
                return Err(self.text.cut_short("a CREATE TABLE has no end"));
            };
            match byte {
                b'`' | b'"' if at_start => self.push_column(&mut columns)?,
                b'`' | b'"' | b'\'' => {
                    self.text.next()?;
                    self.text.quoted(byte, 0)?;
                }
                _ => {
                    self.text.next()?;
                    match byte {
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        _ => {}
                    }
                }
            }
            at_start = byte == b',' && depth == 1;
            if columns.is_empty() && byte == b'(' {
                at_start = true;
            }
        }
        self.text.pass_over()?;
        Ok(Some(Statement::Create { table, columns }))
    }

    fn push_column(&mut self, columns: &mut Vec<String>) -> Result<(), Broken> {
        let column = self.text.name()?;
        if columns.len() == MOST_VALUES {
            return Err(self
                .text
                .malformed(format!("a table has more than {MOST_VALUES} columns")));
        }
        columns.push(column);
        Ok(())
    }

    /// What was read of a value, if that is all of it and the row has room.
    fn kept(&mut self, bytes: Option<Vec<u8>>) -> Value {
        match bytes {
            Some(bytes) if bytes.len() <= self.room => {
                self.room -= bytes.len();
                Value::Bytes(bytes)
            }
            _ => Value::TooLong,
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Broken> {
        self.text.space()?;
        let mut word = Vec::new();
        loop {
            match self.text.peek()? {
                Some(quote @ (b'\'' | b'"')) => {
                    self.text.next()?;
                    // The word before is a charset or a prefix:
                    let hexadecimal = word.eq_ignore_ascii_case(b"x");
                    let text = self.text.quoted(quote, LONGEST_VALUE)?;
                    let text = match hexadecimal {
                        true => text.map(|text| from_hexadecimal(&text)),
                        false => text,
                    };
                    return Ok(self.kept(text));
                }
                Some(b',' | b')') => break,
                Some(b'(') => {
                    // A call such as CONVERT('x' USING utf8): its first string is meant.
                    self.text.next()?;
                    let Some(deeper) = depth.checked_sub(1) else {
                        return Err(self
                            .text
                            .malformed(format!("more than {DEEPEST} calls stand in one another")));
                    };
                    let value = self.value(deeper)?;
                    let mut open = 1_usize;
                    while open > 0 {
                        match self.text.next()? {
                            Some(b'(') => open += 1,
                            Some(b')') => open -= 1,
                            Some(quote @ (b'\'' | b'"')) => drop(self.text.quoted(quote, 0)?),
                            Some(_) => {}
                            None => return Err(self.text.cut_short("a value has no end")),
                        }
                    }
                    return Ok(value);
                }
                Some(byte) if byte.is_ascii_whitespace() => {
                    self.text.next()?;
                    if !word.starts_with(b"_") && !word.is_empty() {
                        // `1 ,` or the `'x' USING` of a call, which its caller passes over.
                        break;
                    }
                }
                Some(byte) => {
                    self.text.next()?;
                    // One byte more than the limit is kept, which shows that it is too long.
                    if word.len() <= LONGEST_VALUE {
                        word.push(byte);
                    }
                }
                None => return Err(self.text.cut_short("a value has no end")),
            }
        }
        Ok(match word.as_slice() {
            word if word.len() > LONGEST_VALUE => Value::TooLong,
            word if word.eq_ignore_ascii_case(b"NULL") => Value::Null,
            [b'0', b'x' | b'X', hexadecimal @ ..] => self.kept(Some(from_hexadecimal(hexadecimal))),
            _ => self.kept(Some(word)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn dump(sql: &str) -> Dump {
        // A tiny buffer, so that everything falls upon its edge once.
        Dump::new(Box::new(BufReader::with_capacity(
            3,
            Cursor::new(sql.as_bytes().to_vec()),
        )))
    }

    fn rows(sql: &str) -> Result<Vec<Vec<String>>, Broken> {
        let mut dump = dump(sql);
        let (_, charset) = crate::history::charset::open(Box::new(Cursor::new(Vec::new())))?;
        let mut rows = Vec::new();
        while let Some(statement) = dump.statement()? {
            if matches!(statement, Statement::Insert { .. }) {
                while let Some(row) = dump.row()? {
                    rows.push(row.iter().map(|value| value.text(charset)).collect());
                }
            }
        }
        Ok(rows)
    }

    #[test]
    fn columns_are_read_off_create_table_and_keys_are_none() {
        let mut dump = dump(
            "/*!40101 SET x */;\nDROP TABLE IF EXISTS `a`;\nCREATE TABLE IF NOT EXISTS `db`.`wp_comments` (\n  `comment_ID` bigint(20) unsigned NOT NULL DEFAULT '0',\n  `x` enum('a,`b`','c)') COMMENT 'it''s, `y`',\n  PRIMARY KEY (`comment_ID`),\n  KEY `k` (`x`(191),`comment_ID`)\n) ENGINE=InnoDB;",
        );
        assert_eq!(
            dump.statement().expect("well formed"),
            Some(Statement::Create {
                table: "wp_comments".into(),
                columns: vec!["comment_ID".into(), "x".into()]
            })
        );
        assert_eq!(dump.statement().expect("well formed"), None);
    }

    #[test]
    fn escapes_quotes_numbers_and_nothing_are_values() {
        let found = rows(
            "INSERT INTO `t` VALUES (1,'it\\'s \\\"so\\\"\\n\\\\ it''s',NULL,-2.5),\n(0x4869,_binary 'h\\0i',CONVERT('x)y' USING utf8), 7 );\nREPLACE INTO t (a,b) VALUES ('INSERT INTO t VALUES (9);','b') ON DUPLICATE KEY UPDATE a='x;y';",
        );
        assert_eq!(
            found.expect("well formed"),
            [
                vec!["1", "it's \"so\"\n\\ it's", "", "-2.5"],
                vec!["Hi", "h\0i", "x)y", "7"],
                vec!["INSERT INTO t VALUES (9);", "b"]
            ]
        );
    }

    #[test]
    fn what_breaks_off_is_noticed_wherever_it_does() {
        let sql = "-- MySQL dump 10.13\n\n/*!40101 SET NAMES utf8 */;\nINSERT INTO `t` VALUES (1,'a'),(2,'b');\n-- Dump completed on 2024-02-29\n";
        assert_eq!(rows(sql).expect("whole").len(), 2);
        for end in 20..sql.find("-- Dump completed").expect("there") + 16 {
            assert!(
                matches!(rows(&sql[..end]), Err(Broken::CutShort { .. })),
                "{:?}",
                &sql[..end]
            );
        }
    }

    #[test]
    fn what_is_too_long_is_passed_over_and_what_follows_it_is_read() {
        let long = "x".repeat(LONGEST_VALUE + 1);
        let hexadecimal = "41".repeat(LONGEST_VALUE);
        let mut dump = dump(&format!(
            "INSERT INTO `t` VALUES ('{long}',{long},0x{hexadecimal},'a'),({});",
            "1,".repeat(MOST_VALUES) + "2"
        ));
        assert!(dump.statement().expect("well formed").is_some());
        assert_eq!(
            dump.row().expect("well formed").expect("a row"),
            [
                Value::TooLong,
                Value::TooLong,
                Value::TooLong,
                Value::Bytes(b"a".to_vec())
            ]
        );
        let many = dump.row().expect("well formed").expect("a row");
        assert_eq!(many.len(), MOST_VALUES);
    }

    #[test]
    fn a_row_has_room_for_so_much_and_no_more() {
        let value = format!("'{}'", "x".repeat(LONGEST_VALUE));
        let mut dump = dump(&format!(
            "INSERT INTO `t` VALUES ({});",
            [value.as_str(); 6].join(",")
        ));
        assert!(dump.statement().expect("well formed").is_some());
        let row = dump.row().expect("well formed").expect("a row");
        let kept = row.iter().filter(|value| **value != Value::TooLong).count();
        assert_eq!((row.len(), kept), (6, RECORD / LONGEST_VALUE));
    }

    #[test]
    fn calls_within_calls_end_in_a_sentence() {
        let calls = |n: usize| {
            format!(
                "INSERT INTO t VALUES ({}1{});",
                "f(".repeat(n),
                ")".repeat(n)
            )
        };
        assert_eq!(rows(&calls(DEEPEST)).expect("well formed"), [["1"]]);
        let broken = rows(&calls(1_000_000)).expect_err("too deep").to_string();
        assert!(broken.contains("calls stand in one another"), "{broken}");
    }

    #[test]
    fn garbage_is_named_by_its_byte() {
        let broken = rows("INSERT INTO `t` VALUES (1,'a') 5;").expect_err("garbage");
        assert!(
            broken.to_string().starts_with("at byte 32, '5'"),
            "{broken}"
        );
    }
}
