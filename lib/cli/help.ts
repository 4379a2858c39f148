/** What `kolikko --help` says. */
export const HELP =
  `KolikkoControl starts and stops your miner programs at a thermostat's word.

Usage:
  kolikko [run] [--config FILE]   run the controller; FILE is kolikko.toml
                                  beside the program, or in this folder
  kolikko check [--config FILE]   try all that it needs, and say what to do:
                                  broker, rights, programs, APIs, sensors, disk
  kolikko acl [--broker KIND]     print the lines of the broker's access list;
                                  KIND is mosquitto (else), rabbitmq, nats,
                                  emqx or hivemq; the last two were not tried
  kolikko forget [--yes]          take all of this rig off the broker; without
                                  --yes show what that would be
  kolikko demo [--for 2m] [--port N]
                                  show it all: a broker, a stand-in miner, a
                                  room with a thermostat; nothing to set up
  kolikko --version               say which version this is
  kolikko --help                  say this

Exit codes: 0 asked to stop, 1 failed, 2 bad arguments or configuration,
3 another controller runs for this rig.`;
