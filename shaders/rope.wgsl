// Rotary positions: each pair (x[t, c], x[t, c + pairs]) of row t is turned by the angle whose cosine and sine the
// tables [limit, pairs] have in row n, the position of t:
//   y[t, c] = x[t, c]·cos[n, c] − x[t, c + pairs]·s,   y[t, c + pairs] = x[t, c + pairs]·cos[n, c] + x[t, c]·s
// with s = sin[n, c]; INVERSE turns back by −s, which is the gradient. One thread turns one pair, or in rope_vec4 four:
// x is read and y written once, the tables once for each matrix. Matrices of x and y are walked where they lie.
// kernel: rope
// uses: index walks status
struct Params {
  x_at: vec4<i32>, y_at: vec4<i32>,
  // `size` pairs in matrices of `rows`; `heads` of them share positions.
  size: u32, rows: u32, pairs: u32, inner: u32, heads: u32, given: u32, limit: u32,
  cos_offset: u32, sin_offset: u32, positions_offset: u32, launch_id: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> cosines: array<f32>;
@group(0) @binding(4) var<storage, read> sines: array<f32>;
@group(0) @binding(5) var<storage, read> positions: array<i32>;
@group(0) @binding(6) var<storage, read_write> status: Status;
// Four pairs at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> cosines4: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> sines4: array<vec4<f32>>;

override INVERSE: u32 = 0u;

// Values of `given`: row t of each has position t; positions has that of row 0, which others follow; or those of all.
const FROM_ZERO = 0u;
const STARTS = 1u;
const EACH = 2u;

// The position of row t of matrix m, p.limit where it is bad, which the thread of column 0 reports.
fn position_of(m: u32, t: u32, c: u32) -> u32 {
  if (p.given == FROM_ZERO) { return t; }
  let b = m / p.heads;
  let entry = select(b, b * p.rows + t, p.given == EACH);
  let n = positions[p.positions_offset + entry] + select(0, i32(t), p.given == STARTS);
  if (n >= 0 && u32(n) < p.limit) { return u32(n); }
  if (c == 0u) { report(p.launch_id, entry, n, p.limit); }
  return p.limit;
}

@compute @workgroup_size(LANES)
fn rope(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let c = e % p.pairs;
  let row = e / p.pairs;
  let m = row / p.rows;
  let t = row % p.rows;
  let n = position_of(m, t, c);
  let to = row_of(p.y_at, of_queries(p.y_at, m), t) + c;
  if (n >= p.limit) {
    y[to] = 0.0f;
    y[to + p.pairs] = 0.0f;
    return;
  }
  let from_x = row_of(p.x_at, of_queries(p.x_at, m), t) + c;
  let a = x[from_x];
  let b = x[from_x + p.pairs];
  let cosine = cosines[p.cos_offset + n * p.pairs + c];
  let sine = sines[p.sin_offset + n * p.pairs + c] * select(1.0f, -1.0f, INVERSE == 1u);
  y[to] = a * cosine - b * sine;
  y[to + p.pairs] = b * cosine + a * sine;
}

// pairs, offsets and strides are multiples of four.
@compute @workgroup_size(LANES)
fn rope_vec4(thread: Thread) {
  let e = thread_index(thread);
  let quads = p.pairs / 4u;
  if (e >= p.size / 4u) { return; }
  let c = e % quads;
  let row = e / quads;
  let m = row / p.rows;
  let t = row % p.rows;
  let n = position_of(m, t, c);
  let to = row_of(p.y_at, of_queries(p.y_at, m), t) / 4u + c;
  if (n >= p.limit) {
    y4[to] = vec4<f32>();
    y4[to + quads] = vec4<f32>();
    return;
  }
  let from_x = row_of(p.x_at, of_queries(p.x_at, m), t) / 4u + c;
  let a = x4[from_x];
  let b = x4[from_x + quads];
  let cosine = cosines4[p.cos_offset / 4u + n * quads + c];
  let sine = sines4[p.sin_offset / 4u + n * quads + c] * select(1.0f, -1.0f, INVERSE == 1u);
  y4[to] = a * cosine - b * sine;
  y4[to + quads] = b * cosine + a * sine;
}
