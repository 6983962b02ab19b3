"""The generated message classes agree with the contract they were generated from."""

from __future__ import annotations

from pathlib import Path

import grpc_tools
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

from integration.connectors.salesforce import pubsub_api_pb2 as theirs
from integration.sandbox.salesforce import pubsub_api_pb2 as ours


def test_the_stubs_are_current(tmp_path: Path) -> None:
    source = Path(ours.__file__).with_name("pubsub_api.proto")
    target = tmp_path / "set.bin"
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    arguments = [
        "protoc",
        f"-I{source.parent}",
        f"-I{well_known}",
        f"--descriptor_set_out={target}",
        str(source),
    ]
    assert protoc.main(arguments) == 0
    compiled = descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes()).file[0]
    generated = descriptor_pb2.FileDescriptorProto()
    ours.DESCRIPTOR.CopyToProto(generated)
    for message in compiled.message_type:
        for field in message.field:
            field.ClearField("json_name")
    assert generated == compiled


def test_another_copy_of_the_contract_fits_in_the_same_process() -> None:
    request = theirs.FetchRequest(topic_name="/data/x", num_requested=7, replay_id=b"\x01" * 8)
    read = ours.FetchRequest.FromString(request.SerializeToString())
    assert (read.topic_name, read.num_requested, read.replay_id) == ("/data/x", 7, b"\x01" * 8)
