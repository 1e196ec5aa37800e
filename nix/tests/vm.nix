# A whole machine: the timer fires, the mini-nixpkgs is evaluated through the Nix daemon in the hardened unit, datasets
# land in a bucket of a real S3 server (garage, which has no conditional PUT), and the search finds.
{ self }:
{ lib, pkgs, ... }:
let
  bucket = "search";
  region = "garage-1";
  endpoint = "http://localhost:3900";
  # Made up for this machine alone.
  keyId = "GK0123456789abcdef01234567";
  secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  packageSet = lib.fileset.toSource {
    root = ../../tests/fixtures/mini-nixpkgs;
    fileset = ../../tests/fixtures/mini-nixpkgs;
  };
  textfiles = "/var/lib/node-exporter-textfile";
in
{
  name = "fdnix-indexer";

  nodes.machine = {
    imports = [ self.nixosModules.default ];

    virtualisation = {
      memorySize = 3072;
      # Garage wants a gigabyte free.
      diskSize = 4096;
      writableStore = true;
      additionalPaths = [ packageSet ];
    };
    nix.settings = {
      substituters = lib.mkForce [ ];
      experimental-features = [
        "nix-command"
        "flakes"
      ];
    };
    # The test sets the clock.
    services.timesyncd.enable = false;

    services.garage = {
      enable = true;
      package = pkgs.garage_2;
      settings = {
        replication_factor = 1;
        consistency_mode = "consistent";
        rpc_bind_addr = "[::]:3901";
        rpc_public_addr = "[::1]:3901";
        rpc_secret = secret;
        s3_api = {
          s3_region = region;
          api_bind_addr = "[::]:3900";
        };
      };
    };

    environment.etc."secrets/aws" = {
      mode = "0400";
      text = ''
        [default]
        aws_access_key_id = ${keyId}
        aws_secret_access_key = ${secret}
      '';
    };

    services.prometheus.exporters.node = {
      enable = true;
      extraFlags = [ "--collector.textfile.directory=${textfiles}" ];
    };

    services.fdnix-indexer = {
      enable = true;
      settings = {
        nixpkgs = {
          source = "path";
          path = "${packageSet}";
        };
        evaluation.workers = 1;
        embedding.enabled = false;
        aws = {
          inherit region;
          endpoints.s3 = endpoint;
        };
        s3 = {
          inherit bucket;
          dataKey = "fdnix-data.lancedb";
          minifiedKey = "fdnix.lancedb";
          dependencyKey = "dependencies.json";
        };
      };
      credentials.AWS_SHARED_CREDENTIALS_FILE = "/etc/secrets/aws";
      metricsDirectory = textfiles;
      memoryMax = "2G";
      timerConfig.OnCalendar = "2033-05-18 03:33:20";
    };

    environment.systemPackages = [
      pkgs.minio-client
      self.packages.${pkgs.stdenv.hostPlatform.system}.indexer
    ];
  };

  testScript = ''
    import json

    unit = "fdnix-indexer.service"
    finished = f'test "$(systemctl show -P ActiveState {unit})" = inactive && test "$(systemctl show -P ExecMainExitTimestampMonotonic {unit})" != 0'

    start_all()
    machine.wait_for_unit("garage.service")
    machine.wait_for_open_port(3900)

    with subtest("A bucket on garage"):
        node = machine.succeed("garage node id").split("@")[0]
        machine.succeed(f"garage layout assign -z vm -c 1G {node}")
        machine.succeed("garage layout apply --version 1")
        machine.succeed("garage key import --yes -n fdnix ${keyId} ${secret}")
        machine.succeed("garage bucket create ${bucket}")
        machine.succeed("garage bucket allow --read --write --owner ${bucket} --key fdnix")
        machine.succeed("mc alias set garage ${endpoint} ${keyId} ${secret} --api S3v4")

    with subtest("The timer starts the indexer"):
        machine.wait_for_unit("fdnix-indexer.timer")
        machine.succeed("date --set='2033-05-18 03:33:10 UTC'")
        machine.wait_until_succeeds(finished, timeout=600)
        print(machine.succeed(f"journalctl --no-pager -u {unit}"))
        assert machine.succeed(f"systemctl show -P Result {unit}").strip() == "success"
        # `s3.conditionalWrites` is auto: what garage lacks is found out, and said.
        machine.succeed(f"journalctl --no-pager -u {unit} | grep -F 'has no conditional writes'")

    with subtest("Both datasets are in the bucket"):
        keys = machine.succeed("mc ls --recursive garage/${bucket}")
        for key in ["fdnix-data.lancedb/packages.lance/", "fdnix.lancedb/packages.lance/", "dependencies.json"]:
            assert key in keys, f"{key} is not among\n{keys}"

    with subtest("What was published can be searched, in the bucket itself"):
        answer = json.loads(
            machine.succeed(
                "AWS_SHARED_CREDENTIALS_FILE=/etc/secrets/aws fdnix-indexer search hello --json"
                " --dataset s3://${bucket}/fdnix.lancedb --set aws.region=${region} --set aws.endpoints.s3=${endpoint}"
            )
        )
        assert answer["hits"][0]["attribute_path"] == "hello", answer

    with subtest("Metrics reach node_exporter"):
        machine.wait_for_open_port(9100)
        metrics = machine.succeed("curl --fail --silent http://localhost:9100/metrics")
        assert "fdnix_last_success_timestamp_seconds" in metrics

    with subtest("A run over the same revision has nothing to do"):
        tables = "mc ls --recursive garage/${bucket} | grep -F .lance/"
        before = machine.succeed(tables)
        machine.succeed(f"systemctl start {unit}")
        assert machine.succeed(tables) == before

    with subtest("The unit is hardened"):
        machine.succeed(f"systemd-analyze security --no-pager --threshold=12 {unit}")
  '';
}
