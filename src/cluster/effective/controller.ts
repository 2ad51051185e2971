/** Whose a cluster is, where there are several operators: the `CONTROLLER_ID` of one of them. */
export const CONTROLLER_ANNOTATION = "acid.zalan.do/controller";
