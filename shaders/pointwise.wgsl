// y[e] = op(x, y, z) for every element e: all elementwise operations, one line of mathematics each, in `apply`.
// The operation is the override OP, so the switch is folded away when the pipeline is made. Operands are 1 to 3 tensors,
// read through views; SCALAR (1, 2 or 3) puts the number p.scalar in that place and moves the tensors behind it on.
// One thread computes one element, or in the vec4 entry points four neighbours. Each input is read once, y written once.
// Everything is bound as u32 bits: results of apply are bits too. An op on integers or bools takes p.scalar as an integer;
// where that is not plain from the op (WHERE, COPY), INT = 1 says so.
// kernel: pointwise
// uses: index view bits wide special
struct Params { size: u32, d1: u32, d2: u32, scalar: f32, a: vec4<i32>, b: vec4<i32>, c: vec4<i32> }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> a: array<u32>;
@group(0) @binding(3) var<storage, read> b: array<u32>;
@group(0) @binding(4) var<storage, read> c: array<u32>;
// The same buffers, four elements at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> a4: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> b4: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> c4: array<vec4<u32>>;

override OP: u32 = 0u;
override SCALAR: u32 = 0u;
override INT: u32 = 0u;
// For the vec4 entry points: size is no multiple of four; bit i: operand i does not change along a row.
override TAIL: u32 = 0u;
override SPREAD: u32 = 0u;

// One operand, below 64.
const COPY = 0u;
const NEG = 1u;
const ABS = 2u;
const SIGN = 3u;
const EXP = 4u;
const EXPM1 = 5u;
const LOG = 6u;
const LOG1P = 7u;
const SQRT = 8u;
const RSQRT = 9u;
const SQUARE = 10u;
const RECIPROCAL = 11u;
const SIN = 12u;
const COS = 13u;
const TANH = 14u;
const SIGMOID = 15u;
const SOFTPLUS = 16u;
const RELU = 17u;
const ERF = 18u;
const FLOOR = 19u;
const CEIL = 20u;
const ROUND = 21u;
const TRUNC = 22u;
const F32_TO_I32 = 32u;
const F32_TO_BOOL = 33u;
const I32_TO_F32 = 34u;
const I32_TO_BOOL = 35u;
const BOOL_TO_F32 = 36u;
const NEG_I = 40u;
const ABS_I = 41u;
const SIGN_I = 42u;
const NOT = 43u;

// Two operands, floats below 96, integers and bools from there on.
const ADD = 64u;
const SUB = 65u;
const MUL = 66u;
const DIV = 67u;
const POW = 68u;
const MAXIMUM = 69u;
const MINIMUM = 70u;
const EQ = 71u;
const NE = 72u;
const LT = 73u;
const LE = 74u;
const GT = 75u;
const GE = 76u;
const ADD_I = 96u;
const SUB_I = 97u;
const MUL_I = 98u;
const MAXIMUM_I = 99u;
const MINIMUM_I = 100u;
const EQ_I = 101u;
const NE_I = 102u;
const LT_I = 103u;
const LE_I = 104u;
const GT_I = 105u;
const GE_I = 106u;
const AND = 107u;
const OR = 108u;
const XOR = 109u;

// Three operands, from 128 on.
const WHERE = 128u;

// Bits as a number and back.
fn f(x: u32) -> f32 { return bitcast<f32>(x); }
fn i(x: u32) -> i32 { return bitcast<i32>(x); }
fn bits(x: f32) -> u32 { return bitcast<u32>(x); }
fn bits_i(x: i32) -> u32 { return bitcast<u32>(x); }
fn bits_b(x: bool) -> u32 { return select(0u, 1u, x); }
// Neither is NaN: comparisons with NaN are false, which WGSL does not promise.
fn ordered(x: u32, y: u32) -> bool { return !is_nan(f(x)) && !is_nan(f(y)); }

fn sign_of(x: f32) -> f32 { return select(sign(x), x, is_nan(x)); }
fn relu_of(x: f32) -> f32 { return select(max(x, 0.0f), x, is_nan(x)); }
// Towards zero, the ends of the range where it does not fit; NaN gives 0.
fn to_i32(x: f32) -> i32 {
  let inside = select(i32(clamp(x, -2147483648.0f, 2147483520.0f)), 2147483647, x >= 2147483648.0f);
  return select(inside, 0, is_nan(x));
}

fn apply(x: u32, y: u32, z: u32) -> u32 {
  switch OP {
    case COPY: { return x; }
    case NEG: { return x ^ 0x80000000u; }
    case ABS: { return x & 0x7fffffffu; }
    case SIGN: { return bits(sign_of(f(x))); }
    case EXP: { return bits(own_exp(f(x))); }
    case EXPM1: { return bits(own_expm1(f(x))); }
    case LOG: { return bits(own_log(f(x))); }
    case LOG1P: { return bits(own_log1p(f(x))); }
    case SQRT: { return bits(sqrt(f(x))); }
    case RSQRT: { return bits(inverseSqrt(f(x))); }
    case SQUARE: { return bits(f(x) * f(x)); }
    case RECIPROCAL: { return bits(1.0f / f(x)); }
    case SIN: { return bits(own_sin(f(x), 0u)); }
    case COS: { return bits(own_sin(f(x), 1u)); }
    case TANH: { return bits(own_tanh(f(x))); }
    case SIGMOID: { return bits(own_sigmoid(f(x))); }
    case SOFTPLUS: { return bits(own_softplus(f(x))); }
    case RELU: { return bits(relu_of(f(x))); }
    case ERF: { return bits(own_erf(f(x))); }
    case FLOOR: { return bits(floor(f(x))); }
    case CEIL: { return bits(ceil(f(x))); }
    case ROUND: { return bits(round(f(x))); }
    case TRUNC: { return bits(trunc(f(x))); }

    case ADD: { return bits(f(x) + f(y)); }
    case SUB: { return bits(f(x) - f(y)); }
    case MUL: { return bits(f(x) * f(y)); }
    case DIV: { return bits(f(x) / f(y)); }
    case POW: { return bits(own_pow(f(x), f(y))); }
    case MAXIMUM: { return bits(nan_max(f(x), f(y))); }
    case MINIMUM: { return bits(nan_min(f(x), f(y))); }
    case EQ: { return bits_b(f(x) == f(y) && ordered(x, y)); }
    case NE: { return bits_b(f(x) != f(y) || !ordered(x, y)); }
    case LT: { return bits_b(f(x) < f(y) && ordered(x, y)); }
    case LE: { return bits_b(f(x) <= f(y) && ordered(x, y)); }
    case GT: { return bits_b(f(x) > f(y) && ordered(x, y)); }
    case GE: { return bits_b(f(x) >= f(y) && ordered(x, y)); }

    case WHERE: { return select(z, y, x != 0u); }
    case F32_TO_I32: { return bits_i(to_i32(f(x))); }
    case F32_TO_BOOL: { return bits_b((x & 0x7fffffffu) != 0u); }
    case I32_TO_F32: { return bits(f32(i(x))); }
    case I32_TO_BOOL: { return bits_b(x != 0u); }
    case BOOL_TO_F32: { return bits(f32(x)); }

    case NEG_I: { return bits_i(-i(x)); }
    case ABS_I: { return bits_i(abs(i(x))); }
    case SIGN_I: { return bits_i(sign(i(x))); }
    case ADD_I: { return x + y; }
    case SUB_I: { return x - y; }
    case MUL_I: { return x * y; }
    case MAXIMUM_I: { return bits_i(max(i(x), i(y))); }
    case MINIMUM_I: { return bits_i(min(i(x), i(y))); }
    case EQ_I: { return bits_b(x == y); }
    case NE_I: { return bits_b(x != y); }
    case LT_I: { return bits_b(i(x) < i(y)); }
    case LE_I: { return bits_b(i(x) <= i(y)); }
    case GT_I: { return bits_b(i(x) > i(y)); }
    case GE_I: { return bits_b(i(x) >= i(y)); }
    case NOT: { return 1u - x; }
    case AND: { return x & y; }
    case OR: { return x | y; }
    case XOR: { return x ^ y; }
    default: { return NAN_BITS; }
  }
}

// op on tensors u, v, w with the scalar in its place. apply has one call only, because compilers copy it to every call.
fn place(u: u32, v: u32, w: u32) -> u32 {
  var operands = vec3<u32>(u, v, w);
  let s = select(bits(p.scalar), bits_i(i32(p.scalar)), INT == 1u || (OP >= ADD_I && OP < WHERE));
  switch SCALAR {
    case 1u: { operands = vec3<u32>(s, u, v); }
    case 2u: { operands = vec3<u32>(u, s, v); }
    case 3u: { operands = vec3<u32>(u, v, s); }
    default: {}
  }
  return apply(operands.x, operands.y, operands.z);
}

fn place4(u: vec4<u32>, v: vec4<u32>, w: vec4<u32>) -> vec4<u32> {
  var result = vec4<u32>();
  for (var k = 0; k < 4; k++) { result[k] = place(u[k], v[k], w[k]); }
  return result;
}

// Address of element e; of four elements e … e + 3 where they lie in one row.
fn at(e: u32, view: vec4<i32>) -> u32 {
  return view_address(e, p.size, p.d1, p.d2, view);
}

// The last vec4 may be partial: what is behind y's last element is not y's.
fn store4(e: u32, value: vec4<u32>) {
  if (TAIL == 0u || e + 4u <= p.size) {
    y4[e / 4u] = value;
    return;
  }
  y4[e / 4u].x = value.x;
  if (e + 1u < p.size) { y4[e / 4u].y = value.y; }
  if (e + 2u < p.size) { y4[e / 4u].z = value.z; }
}

@compute @workgroup_size(LANES)
fn pointwise_1(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  y[e] = place(a[at(e, p.a)], 0u, 0u);
}

@compute @workgroup_size(LANES)
fn pointwise_2(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  y[e] = place(a[at(e, p.a)], b[at(e, p.b)], 0u);
}

@compute @workgroup_size(LANES)
fn pointwise_3(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  y[e] = place(a[at(e, p.a)], b[at(e, p.b)], c[at(e, p.c)]);
}

// The vec4 entry points are for rows of a multiple of four elements (or one row) in which every operand is contiguous and
// aligned (s2 = 1), or does not change (s2 = 0).
fn a_at(e: u32) -> vec4<u32> {
  let first = at(e, p.a);
  if ((SPREAD & 1u) != 0u) { return vec4<u32>(a4[first / 4u][first % 4u]); }
  return a4[first / 4u];
}

fn b_at(e: u32) -> vec4<u32> {
  let first = at(e, p.b);
  if ((SPREAD & 2u) != 0u) { return vec4<u32>(b4[first / 4u][first % 4u]); }
  return b4[first / 4u];
}

fn c_at(e: u32) -> vec4<u32> {
  let first = at(e, p.c);
  if ((SPREAD & 4u) != 0u) { return vec4<u32>(c4[first / 4u][first % 4u]); }
  return c4[first / 4u];
}

@compute @workgroup_size(LANES)
fn pointwise_vec4_1(thread: Thread) {
  let e = thread_index(thread) * 4u;
  if (e >= p.size) { return; }
  store4(e, place4(a_at(e), vec4<u32>(0u), vec4<u32>(0u)));
}

@compute @workgroup_size(LANES)
fn pointwise_vec4_2(thread: Thread) {
  let e = thread_index(thread) * 4u;
  if (e >= p.size) { return; }
  store4(e, place4(a_at(e), b_at(e), vec4<u32>(0u)));
}

@compute @workgroup_size(LANES)
fn pointwise_vec4_3(thread: Thread) {
  let e = thread_index(thread) * 4u;
  if (e >= p.size) { return; }
  store4(e, place4(a_at(e), b_at(e), c_at(e)));
}
