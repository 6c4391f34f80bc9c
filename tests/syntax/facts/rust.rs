//! About the crate.
use std::collections::{self, HashMap as Map, BTreeMap};
use crate::{parser::{Parser, Token as Tok}, error::*};
use super::Lexer;
pub use self::inner::Thing;
pub(crate) use other as renamed;
extern crate serde;
use ::log;

mod lexer;
pub mod inner {
    /// A thing.
    #[derive(Debug, Clone)]
    pub struct Thing;
}

/// Says what is wrong.
///
/// More.
#[derive(Debug)]
pub enum Error {
    /// Nothing there.
    Missing,
    Io(std::io::Error),
    At { line: u32 },
}

pub struct Reader<'a, T: Read> {
    pub source: &'a T,
    tokens: Vec<Tok>,
}

pub trait Visit: Walk + Send {
    type Output;
    const DEPTH: usize = 1;
    fn visit(&mut self, node: &Node) -> Self::Output;
    fn done(&self) -> bool { true }
}

pub type Answer<T> = Result<T, Error>;
pub const LIMIT: usize = 10;
static mut COUNT: u32 = 0;

impl<'a, T: Read> Reader<'a, T> {
    /// Makes a reader.
    pub fn new(source: &'a T) -> Self {
        Self { source, tokens: Vec::new() }
    }

    async fn next(&mut self) -> Answer<Option<Token>> {
        let token = self.lexer.read::<Tok>(LIMIT)?.kind;
        if let Some(Token::Word(word)) = token {
            collections::process(word, |x| x + crate::parser::OFFSET);
        }
        println!("{}", helper(word));
        match token { Tok::End => Err(Error::Missing), other => Ok(Parser { other }) }
    }
}

impl<T> Visit for Reader<'_, T> where T: Read {
    type Output = u32;
    fn visit(&mut self, node: &Node) -> u32 { node.walk().count() }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, "x") }
}

/// Squares.
#[macro_export]
macro_rules! square { ($x:expr) => { $x * $x }; }

pub(crate) fn helper(word: impl Into<String>) -> usize { Reader::<Tok>::new(word).len() }

fn main() { let ü = 1; }

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn works() { assert_eq!(helper("x"), 1); }
}
