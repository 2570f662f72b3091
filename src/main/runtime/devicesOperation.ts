import type { Handler } from '../host/handler.ts';
import { chooseDevice, listDevices } from './devices.ts';

/** The devices of this machine, and which of them `auto` takes. */
export const devicesOperation: Handler<'devices'> = async () => {
  const devices = await listDevices();
  const { kind, reason } = await chooseDevice('auto');
  return { devices, automatic: { device: kind, reason } };
};
