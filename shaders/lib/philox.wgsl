// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011): four random words from a counter and a key. Needs lib/wide.
// The host's twin is src/core/philox.ts; both give the known-answer vectors of Random123.

fn philox(counter: vec4<u32>, seed: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var key = seed;
  for (var round = 0; round < 10; round++) {
    let high0 = mul_hi(0xd2511f53u, c.x);
    let high1 = mul_hi(0xcd9e8d57u, c.z);
    c = vec4<u32>(high1 ^ c.y ^ key.x, 0xcd9e8d57u * c.z, high0 ^ c.w ^ key.y, 0xd2511f53u * c.x);
    key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// Counter of a kernel's block: its position, start.x + 2³²·start.y + block, in words 0 and 3, its row in word 1; word 2
// is 0, streams of the host have others.
fn counter_at(start: vec2<u32>, block: u32, row: u32) -> vec4<u32> {
  let low = start.x + block;
  return vec4<u32>(low, row, 0u, start.y + select(0u, 1u, low < block));
}

// Uniform on [0, 1) from the upper 24 bits.
fn uniform24(word: u32) -> f32 {
  return f32(word >> 8u) * 5.9604645e-8f;
}
