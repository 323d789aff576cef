// Multiply-adds in registers, in half precision: fma.wgsl once more.
//
//   x[j] ← x[j]·a + b,  12 chains, 16 · rounds times
//
// With a = b = 1 and at most 2000 times all of it is exact: a chain begins with an integer below 20. A thread writes
// the sum of its chains: one write of 4 bytes. It counts 2 · 12 · 16 · rounds operations.
enable f16;

override LANES: u32 = 64;

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
// rounds, and a, b as numbers that no compiler knows
@group(0) @binding(1) var<storage, read_write> p: array<f32>;

@compute @workgroup_size(LANES)
fn fma_f16(@builtin(global_invocation_id) id: vec3<u32>) {
  let a = vec4(f16(p[1]));
  let b = vec4(f16(p[2]));
  let rounds = u32(p[0]);
  let s = f16(id.x & 7u);
  var x0 = vec4<f16>(s, s + 1.0h, s + 2.0h, s + 3.0h);
  var x1 = x0 + 4.0h;
  var x2 = x0 + 8.0h;
  for (var r = 0u; r < rounds; r++) {
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
    x0 = fma(x0, a, b); x1 = fma(x1, a, b); x2 = fma(x2, a, b);
  }
  let all = vec4<f32>(x0) + vec4<f32>(x1) + vec4<f32>(x2);
  y[id.x] = all.x + all.y + all.z + all.w;
}
