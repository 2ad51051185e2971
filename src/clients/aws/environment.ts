/** Variables by which AWS's own clients are told where to look. Layer: client of AWS. */

/** What the environment says; empty where it says nothing. */
export interface AwsEnvironment {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly roleArn: string;
  readonly roleSessionName: string;
  readonly webIdentityTokenFile: string;
  readonly containerUrl: string;
  readonly containerTokenFile: string;
  readonly ec2Endpoint: string;
  readonly stsEndpoint: string;
  readonly metadataEndpoint: string;
}

const SESSION = "postgres-operator";

/** Reads the variables; `env` gives one by its name. */
export function awsEnvironment(env: (name: string) => string | undefined): AwsEnvironment {
  const get = (name: string) => env(name) ?? "";
  const everywhere = get("AWS_ENDPOINT_URL");
  return {
    accessKeyId: get("AWS_ACCESS_KEY_ID"),
    secretAccessKey: get("AWS_SECRET_ACCESS_KEY"),
    sessionToken: get("AWS_SESSION_TOKEN"),
    roleArn: get("AWS_ROLE_ARN"),
    roleSessionName: get("AWS_ROLE_SESSION_NAME") || SESSION,
    webIdentityTokenFile: get("AWS_WEB_IDENTITY_TOKEN_FILE"),
    containerUrl: get("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    containerTokenFile: get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    ec2Endpoint: get("AWS_ENDPOINT_URL_EC2") || everywhere,
    stsEndpoint: get("AWS_ENDPOINT_URL_STS") || everywhere,
    metadataEndpoint: get("AWS_EC2_METADATA_SERVICE_ENDPOINT").replace(/\/+$/, ""),
  };
}

/** The address of one of AWS's services in a region. */
export function serviceUrl(service: "ec2" | "sts", region: string): string {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://${service}.${region}.${domain}/`;
}
