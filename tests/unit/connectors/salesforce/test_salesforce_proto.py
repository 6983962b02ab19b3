"""The generated messages are those of the contract beside them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from integration.connectors.salesforce import pubsub_api_pb2 as pb

FOLDER = Path(pb.__file__).parent


def test_generated_code_is_current(tmp_path: Path) -> None:
    found = tmp_path / "set"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{FOLDER}", f"--descriptor_set_out={found}"]
    subprocess.run([*command, "pubsub_api.proto"], check=True)
    [contract] = FileDescriptorSet.FromString(found.read_bytes()).file
    for message in contract.message_type:
        for field in message.field:
            field.ClearField("json_name")  # generated code leaves out what follows from the name
    assert str(FileDescriptorProto.FromString(pb.DESCRIPTOR.serialized_pb)) == str(contract)


def test_the_messages_have_a_pool_of_their_own() -> None:
    """Another copy of the contract, such as the sandbox's, may be loaded in the same process."""
    assert pb.DESCRIPTOR.pool is not descriptor_pool.Default()
