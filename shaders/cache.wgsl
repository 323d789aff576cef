// keys[b, h, start[b] + t, c] = k[b, t, h, c], and values likewise: keys and values of new tokens behind those that
// each row of a cache has; what is left over at its end is left out. One thread per element of k, and of v beside it:
// both are read where the product before has left them, and written once.
// kernel: cache
// uses: index
// inout: keys values
struct Params {
  // Where k and v begin, and their strides of rows, heads and tokens.
  k: vec4<i32>, v: vec4<i32>,
  size: u32, heads: u32, tokens: u32, channels: u32,
  // Tokens that a row of the cache holds, and where start begins.
  room: u32, start_offset: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> keys: array<f32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
@group(0) @binding(3) var<storage, read> k: array<f32>;
@group(0) @binding(4) var<storage, read> v: array<f32>;
@group(0) @binding(5) var<storage, read> start: array<i32>;

@compute @workgroup_size(LANES)
fn cache(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let c = e % p.channels;
  let t = e / p.channels % p.tokens;
  // Counts heads over all rows.
  let matrix = e / p.channels / p.tokens;
  let walk = vec4<i32>(1, vec3<i32>(vec3<u32>(matrix / p.heads, matrix % p.heads, t)));
  let to = start[p.start_offset + matrix / p.heads] + i32(t);
  if (to < 0 || to >= i32(p.room)) { return; }
  let at = (matrix * p.room + u32(to)) * p.channels + c;
  keys[at] = k[dot(p.k, walk) + i32(c)];
  values[at] = v[dot(p.v, walk) + i32(c)];
}
