// Counts bytes packed four to a word, by way of bins in workgroup memory.
@group(0) @binding(0) var<storage, read> words: array<u32>;
@group(0) @binding(1) var<storage, read_write> bins: array<atomic<u32>, 256>;

var<workgroup> local_bins: array<atomic<u32>, 256>;

@compute @workgroup_size(256)
fn histogram(
  @builtin(local_invocation_index) lane: u32,
  @builtin(global_invocation_id) gid: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  atomicStore(&local_bins[lane], 0u);
  workgroupBarrier();
  let step = groups.x * 256u;
  for (var i = gid.x; i < arrayLength(&words); i += step) {
    let w = words[i];
    atomicAdd(&local_bins[w & 0xffu], 1u);
    atomicAdd(&local_bins[(w >> 8u) & 0xffu], 1u);
    atomicAdd(&local_bins[(w >> 16u) & 0xffu], 1u);
    atomicAdd(&local_bins[w >> 24u], 1u);
  }
  workgroupBarrier();
  atomicAdd(&bins[lane], atomicLoad(&local_bins[lane]));
}
