// Deviations of rows whose squares leave the range of float32. Needs lib/scale.

// The n of a power 2ⁿ that takes a row to where the squares of its deviations are far from the ends of the range: 0 for
// nearly every row. −80 where v, the sum of variance and ε, is above 2¹⁰⁰, ±∞ or NaN; 80 where it is below 2⁻⁸⁰, unless
// the mean m is 1 or more: differences of such elements are 0 or above 2⁻²⁵, and their squares were not lost.
fn row_power(v: f32, m: f32) -> i32 {
  let size = bitcast<u32>(v) & 0x7fffffffu;
  if (size > 0x71800000u) { return -80; }
  return select(0, 80, size < 0x17800000u && abs(m) < 1.0f);
}

fn power_of_two(n: i32) -> f32 {
  return bitcast<f32>(u32(n + 127) << 23u);
}

// 1/√(v + ε) of a row times 2ⁿ, which has the variance v. Next to that ε may be lost: where all elements are the same
// it still stands between the result and a division by 0.
fn inverse_deviation(v: f32, eps: f32, n: i32) -> f32 {
  let sum = v + times_power(times_power(eps, n), n);
  return 1.0f / sqrt(select(sum, 0x1p-126f, eps > 0.0f && sum < 0x1p-126f));
}

// What norm.wgsl keeps of a row for its gradients, as one vec4: x the first mean; y the mean of the differences to it,
// times 2ⁿ; z the sign of n; w 1/√(v + ε) of the row times 2ⁿ. The first mean and y are not added: their sum would lose
// what y takes back.
fn kept_power(power: i32) -> f32 { return f32(power / 80); }
fn unit_of(kept: vec4<f32>) -> f32 { return power_of_two(80 * i32(kept.z)); }

// (x − m)/√(v + ε) of an element x. Differences are multiplied, not x and the mean, as compilers may add what is
// subtracted twice.
fn standard(x: f32, kept: vec4<f32>, unit: f32) -> f32 {
  return ((x - kept.x) * unit - kept.y) * kept.w;
}
fn standard4(x: vec4<f32>, kept: vec4<f32>, unit: f32) -> vec4<f32> {
  return ((x - kept.x) * unit - kept.y) * kept.w;
}
