declare module "mqtt/lib/client" {
    import { MqttClient } from "mqtt";
    export type { IClientOptions } from "mqtt";
    export default MqttClient;
}
declare module "mqtt/lib/connect/ws" {
    import type { IStream } from "mqtt";
    import type { MqttClient, IClientOptions } from "mqtt";
    export function browserStreamBuilder(client: MqttClient, options: IClientOptions): IStream;
}
declare module "process";
