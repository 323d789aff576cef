// y[r, c] = scale·x[r, c] + shift where the element is kept, else drop. Dropout: scale 1/(1−p), shift and drop 0.
// Kept are elements whose upper 24 random bits are at least threshold = p·2²⁴: word c mod 4 of Philox block (offset +
// ⌊c / 4⌋, r), offset = offset_lo + 2³²·offset_hi.
// So the mask is a function of (seed, offset) and is never stored: the gradient runs this kernel again.
// One thread does four neighbours of a row, one Philox block; x is read once, y written once.
// kernel: dropout
// uses: index wide philox
struct Params {
  rows: u32, cols: u32, x_offset: u32, seed_lo: u32, seed_hi: u32, offset_lo: u32, offset_hi: u32, threshold: u32,
  scale: f32, shift: f32, drop: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<f32>>;

fn words_of(block: u32, row: u32) -> vec4<u32> {
  return philox(counter_at(vec2<u32>(p.offset_lo, p.offset_hi), block, row), vec2<u32>(p.seed_lo, p.seed_hi));
}

@compute @workgroup_size(LANES)
fn dropout(thread: Thread) {
  let b = thread_index(thread);
  let blocks = (p.cols + 3u) / 4u;
  let row = b / blocks;
  if (row >= p.rows) { return; }
  let block = b - row * blocks;
  let words = words_of(block, row);
  let at = row * p.cols + block * 4u;
  for (var i = 0u; i < min(4u, p.cols - block * 4u); i++) {
    y[at + i] = select(p.drop, p.scale * x[p.x_offset + at + i] + p.shift, (words[i] >> 8u) >= p.threshold);
  }
}

// cols and x_offset are multiples of four.
@compute @workgroup_size(LANES)
fn dropout_vec4(thread: Thread) {
  let b = thread_index(thread);
  let blocks = p.cols / 4u;
  let row = b / blocks;
  if (row >= p.rows) { return; }
  let keep = (words_of(b - row * blocks, row) >> vec4<u32>(8u)) >= vec4<u32>(p.threshold);
  y4[b] = select(vec4<f32>(p.drop), p.scale * x4[p.x_offset / 4u + b] + p.shift, keep);
}
