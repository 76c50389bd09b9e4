//! temporary
/// Decisions by class and answer.
#[derive(Clone, Debug)]
pub struct Confusion {
    n: usize,
    c: Vec<u32>,
}
#[allow(missing_docs)]
impl Confusion {
    pub fn new(n: usize) -> Self {
        Self { n, c: vec![0; n * n] }
    }
    pub fn count(&mut self, t: usize, a: usize) {
        self.c[t * self.n + a] += 1;
    }
    pub fn accuracy(&self) -> f64 {
        let t: u32 = self.c.iter().sum();
        (0..self.n).map(|i| self.c[i * self.n + i]).sum::<u32>() as f64 / t as f64
    }
    pub fn micro_f1(&self) -> f64 {
        self.accuracy()
    }
    fn f1s(&self) -> Vec<(f64, f64)> {
        (0..self.n)
            .map(|i| {
                let tp = self.c[i * self.n + i] as f64;
                let s: u32 = self.c[i * self.n..(i + 1) * self.n].iter().sum();
                let p: u32 = (0..self.n).map(|t| self.c[t * self.n + i]).sum();
                let d = (s + p) as f64;
                (if d > 0. { 2. * tp / d } else { f64::NAN }, s as f64)
            })
            .collect()
    }
    pub fn macro_f1(&self) -> f64 {
        let f: Vec<f64> = self.f1s().into_iter().map(|x| x.0).filter(|x| !x.is_nan()).collect();
        f.iter().sum::<f64>() / f.len() as f64
    }
    pub fn weighted_f1(&self) -> f64 {
        let f = self.f1s();
        let t: f64 = f.iter().map(|x| x.1).sum();
        f.iter().map(|x| if x.1 > 0. { x.0 * x.1 } else { 0. }).sum::<f64>() / t
    }
    pub fn rows(&self) -> Vec<Vec<u32>> {
        self.c.chunks(self.n).map(<[u32]>::to_vec).collect()
    }
}
