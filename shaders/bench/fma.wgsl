// Multiply-adds in registers: what the device computes at most while no memory is touched.
//
//   x[j] ← x[j]·a + b,  12 chains, 16 · rounds times
//
// Twelve independent chains hide the latency of one; the body is written out 16 times, because the test of a short loop
// costs more than its body on software drivers. A thread computes its own chains and writes their sum, so that nothing
// can be left out: one write of 4 bytes. It counts 2 · 12 · 16 · rounds operations.
override LANES: u32 = 64;

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
// rounds, and a, b as numbers that no compiler knows
@group(0) @binding(1) var<storage, read_write> p: array<f32>;

@compute @workgroup_size(LANES)
fn fma_f32(@builtin(global_invocation_id) id: vec3<u32>) {
  let a = p[1];
  let b = p[2];
  let rounds = u32(p[0]);
  let s = f32(id.x);
  var x0 = vec4<f32>(s, s + 1.0, s + 2.0, s + 3.0);
  var x1 = x0 + 4.0;
  var x2 = x0 + 8.0;
  for (var r = 0u; r < rounds; r++) {
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
    x0 = fma(x0, vec4(a), vec4(b)); x1 = fma(x1, vec4(a), vec4(b)); x2 = fma(x2, vec4(a), vec4(b));
  }
  let all = x0 + x1 + x2;
  y[id.x] = all.x + all.y + all.z + all.w;
}
