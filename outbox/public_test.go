package outbox

import (
	"net/netip"
	"testing"
)

func TestOnlyPublicAddressesAreConnectedTo(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "203.0.113.9", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1",
		"fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1",
	} {
		if isPublic(netip.MustParseAddr(address)) {
			t.Errorf("%s is connected to", address)
		}
	}
	for _, address := range []string{"1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "::ffff:93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"} {
		if !isPublic(netip.MustParseAddr(address)) {
			t.Errorf("%s is not connected to", address)
		}
	}
	for _, bad := range [][2]string{{"unix", "/run/x"}, {"udp4", "93.184.216.34:443"}, {"tcp4", "name:443"}, {"tcp4", "10.0.0.1:443"}} {
		if (gate{}).control(t.Context(), bad[0], bad[1], nil) == nil {
			t.Errorf("%v is connected to", bad)
		}
	}
	own := gate{isPrivate: true, denied: prefixes("93.184.216.0/24", "2a00:1450::/32")}
	for address, isOpen := range map[string]bool{
		"93.184.216.34:443": false, "[::ffff:93.184.216.34]:443": false, "[2a00:1450:4001::1]:443": false, "93.184.217.34:443": true, "127.0.0.1:443": true, "[2606:4700::1111]:443": true,
	} {
		if err := own.control(t.Context(), "tcp6", address, nil); (err == nil) != isOpen {
			t.Errorf("%s: %v", address, err)
		}
	}
}
