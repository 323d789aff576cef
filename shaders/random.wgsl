// y[e] = random bits, uniforms in [0, 1) or standard normals, the same for (seed, offset, e) on every device.
// Philox block offset + ⌊e / 4⌋, offset = offset_lo + 2³²·offset_hi, gives four words, word e mod 4 is the element's.
// Normals by Box–Muller (1958) on word pairs:
// u₁ = 1 − uniform(w₀) in (0, 1], u₂ = uniform(w₁), r = √(−2 ln u₁): r·cos 2πu₂ and r·sin 2πu₂, equal to float64 to
// 1e-6.
// One thread makes one block of four elements; y is written once.
// kernel: random
// uses: index bits wide special philox
struct Params { size: u32, seed_lo: u32, seed_hi: u32, offset_lo: u32, offset_hi: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<u32>>;

override KIND: u32 = 0u;

const BITS = 0u;
const UNIFORM = 1u;
const NORMAL = 2u;

fn normal_pair(w0: u32, w1: u32) -> vec2<u32> {
  let r = sqrt(-2.0f * own_log(1.0f - uniform24(w0)));
  let u = uniform24(w1);
  return bitcast<vec2<u32>>(vec2<f32>(r * sin_turn(u, 1u), r * sin_turn(u, 0u)));
}

fn draw(words: vec4<u32>) -> vec4<u32> {
  if (KIND == UNIFORM) {
    let u = vec4<f32>(uniform24(words.x), uniform24(words.y), uniform24(words.z), uniform24(words.w));
    return bitcast<vec4<u32>>(u);
  }
  if (KIND == NORMAL) {
    return vec4<u32>(normal_pair(words.x, words.y), normal_pair(words.z, words.w));
  }
  return words;
}

@compute @workgroup_size(LANES)
fn random(thread: Thread) {
  let block = thread_index(thread);
  let e = block * 4u;
  if (e >= p.size) { return; }
  let value = draw(philox(counter_at(vec2<u32>(p.offset_lo, p.offset_hi), block, 0u), vec2<u32>(p.seed_lo, p.seed_hi)));
  if (e + 4u <= p.size) {
    y[block] = value;
    return;
  }
  y[block].x = value.x;
  if (e + 1u < p.size) { y[block].y = value.y; }
  if (e + 2u < p.size) { y[block].z = value.z; }
}
