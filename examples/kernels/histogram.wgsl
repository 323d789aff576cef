// How often each of 64 values occurs. Each workgroup counts its own 64 numbers, then adds what it has to the bins.
@group(0) @binding(0) var<storage, read> values: array<u32>;
@group(0) @binding(1) var<storage, read_write> bins: array<u32>;
var<workgroup> own: array<atomic<u32>, 64>;

@compute @workgroup_size(64)
fn histogram(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  atomicAdd(&own[values[id.x]], 1u);
  workgroupBarrier();
  bins[lane] += atomicLoad(&own[lane]);
}
