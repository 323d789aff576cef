// Workgroup memory: bytes a second that threads read from it.
//
//   y[thread] ← Σ tile[(lane + j) mod LANES],  j = 0 … 8·rounds − 1,   tile[l] = 4·l + (1, 2, 3, 4)
//
// Neighbouring threads read neighbouring vec4, so that no two want the same bank at once. The body is written out 8
// times. A workgroup fills its tile once; a thread reads 16 bytes 8 · rounds times and stores 4 bytes to memory.
override LANES: u32 = 64;

@group(0) @binding(0) var<storage, read_write> y: array<u32>;
// rounds
@group(0) @binding(1) var<storage, read> p: array<u32>;

var<workgroup> tile: array<vec4<u32>, 256>;

@compute @workgroup_size(LANES)
fn workgroup_read(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  tile[lane] = 4u * lane + vec4(1u, 2u, 3u, 4u);
  workgroupBarrier();
  let mask = LANES - 1u;
  let rounds = p[0];
  var s = vec4<u32>();
  var t = vec4<u32>();
  for (var r = 0u; r < rounds; r++) {
    let i = lane + 8u * r;
    s += tile[i & mask] + tile[(i + 1u) & mask] + tile[(i + 2u) & mask] + tile[(i + 3u) & mask];
    t += tile[(i + 4u) & mask] + tile[(i + 5u) & mask] + tile[(i + 6u) & mask] + tile[(i + 7u) & mask];
  }
  s += t;
  y[id.x] = s.x + s.y + s.z + s.w;
}
