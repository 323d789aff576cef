/** @file The views that are public: functions here, methods of Tensor by ../methods.ts. They are computed in base. */
export {
  broadcastTo,
  clone,
  contiguous,
  detach,
  expand,
  flatten,
  permute,
  reshape,
  slice,
  squeeze,
  transpose,
  unsqueeze,
  view,
} from '../base/views.ts'
