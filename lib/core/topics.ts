/** The MQTT topics of one rig; see `kolikko.toml`, `[topics]`. */

/** Whole topics; none ends with a slash. */
export interface Topics {
  /** Where the thermostat says ON and OFF. */
  readonly command: string;
  readonly status: string;
  readonly statusmsg: string;
  readonly availability: string;
  readonly problem: string;
  /** The total hashrate in kH/s, and the total of accepted shares. */
  readonly hashrate: string;
  readonly accepted: string;
  /** All numbers of the heater as a whole, as JSON. */
  readonly telemetry: string;
  /** The level as it was asked for, and where it is asked for: 0 to 100 percent. */
  readonly level: string;
  readonly levelSet: string;
  /** Each incident, once; not retained. */
  readonly event: string;
  /** A fresh start of all commands can be asked for, and is answered. */
  readonly requestRestart: string;
  readonly responseRestart: string;
  readonly info: string;
  /** Everything of one command stands at and below `<commandBase>/<name>`. */
  readonly commandBase: string;
  /** Home Assistant's own `online` and `offline`. */
  readonly thermostatStatus: string;
}
