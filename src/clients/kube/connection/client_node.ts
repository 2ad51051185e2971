/**
 * What this program uses of @kubernetes/client-node, in a module of its own: the program's bundle
 * packs it, since it is most of the text and seldom asked for. Layer: client of the API server.
 */

export { KubeConfig } from "@kubernetes/client-node";
