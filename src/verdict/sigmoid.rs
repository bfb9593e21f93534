//! Log-odds in, a probability 0 to 1 out. Never infinite or not a number for finite log-odds.

/// `1 / (1 + exp(-x))`, finite for every finite `x`.
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}
