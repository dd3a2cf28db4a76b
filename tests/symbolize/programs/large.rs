// A program with collections, closures, traits, threads and formatting, and with all that these bring from the standard library.
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt::{self, Display};
use std::io::{self, BufRead, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{mpsc, Arc, Mutex, RwLock};
use std::thread;
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Shape { Dot, Line(u32, u32), Many(Vec<Shape>), Named { name: String, inner: Box<Shape> } }
impl Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self { Shape::Dot => write!(f, "."), Shape::Line(a, b) => write!(f, "{}-{}", a, b),
            Shape::Many(v) => { for s in v { write!(f, "[{}]", s)?; } Ok(()) }
            Shape::Named { name, inner } => write!(f, "{}={}", name, inner) } } }
trait Area { fn area(&self) -> u64; fn twice(&self) -> u64 { self.area() * 2 } }
impl Area for Shape { fn area(&self) -> u64 { match self { Shape::Dot => 1, Shape::Line(a, b) => (*a as u64) * (*b as u64),
    Shape::Many(v) => v.iter().map(|s| s.twice()).sum(), Shape::Named { inner, .. } => inner.area() } } }
struct Parser<'a> { text: &'a str, at: usize }
impl<'a> Parser<'a> {
    fn word(&mut self) -> Option<&'a str> { let rest = &self.text[self.at..]; let rest = rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len()); if end == 0 { return None; }
        self.at = self.text.len() - rest.len() + end; Some(&rest[..end]) }
    fn shape(&mut self) -> Result<Shape, String> { let w = self.word().ok_or("end")?; match w { "dot" => Ok(Shape::Dot),
        "line" => { let a = self.word().ok_or("a")?.parse::<u32>().map_err(|e| e.to_string())?; let b = self.word().ok_or("b")?.parse::<u32>().map_err(|e| e.to_string())?; Ok(Shape::Line(a, b)) }
        "many" => { let n = self.word().ok_or("n")?.parse::<usize>().map_err(|e| e.to_string())?; (0..n).map(|_| self.shape()).collect::<Result<Vec<_>, _>>().map(Shape::Many) }
        name => Ok(Shape::Named { name: name.to_uppercase(), inner: Box::new(self.shape()?) }) } } }
fn count<K: std::hash::Hash + Eq + Clone + Ord>(items: &[K]) -> BTreeMap<K, usize> { let mut m = HashMap::new(); for i in items { *m.entry(i.clone()).or_insert(0usize) += 1; } m.into_iter().collect() }
fn main() -> io::Result<()> {
    let mut text = String::new(); io::stdin().read_to_string(&mut text)?;
    let mut p = Parser { text: &text, at: 0 }; let mut shapes = vec![]; while let Ok(s) = p.shape() { shapes.push(s); }
    shapes.sort(); shapes.dedup(); let c = count(&shapes); let words: Vec<String> = text.split(' ').map(str::to_owned).collect(); let c2 = count(&words);
    let (tx, rx) = mpsc::channel(); let total = Arc::new(Mutex::new(0u64)); let names = Arc::new(RwLock::new(HashSet::new()));
    let handles: Vec<_> = shapes.chunks(4).map(|ch| ch.to_vec()).map(|ch| { let tx = tx.clone(); let total = total.clone(); let names = names.clone();
        thread::spawn(move || { for s in ch { *total.lock().unwrap() += s.twice(); names.write().unwrap().insert(s.to_string()); tx.send(format!("{:?}", s)).unwrap(); } }) }).collect();
    drop(tx); for m in rx { println!("{}", m); } for h in handles { h.join().unwrap(); }
    let mut q: VecDeque<f64> = (0..100).map(|x| (x as f64).sqrt().sin()).collect(); q.make_contiguous().sort_by(|a, b| b.partial_cmp(a).unwrap());
    if let Ok(l) = TcpListener::bind("127.0.0.1:0") { let a = l.local_addr()?; let t = thread::spawn(move || { TcpStream::connect(a).map(|mut s| s.write_all(b"hi\n")) }); if let Ok((s, _)) = l.accept() { for line in io::BufReader::new(s).lines() { println!("{}", line?); } } let _ = t.join(); }
    println!("{:?} {:?} {} {:?}", c.len(), c2, total.lock().unwrap(), q); Ok(())
}
