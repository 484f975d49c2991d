"""Starts Goshawk beside a camera node: ros2 launch goshawk_ros goshawk.launch.py model:=/opt/models/street image:=/camera/image_raw

With managed:=true a lifecycle manager, or this launch's own events, say when it loads and when it takes frames. More remappings and
parameters: arguments:="-r ~/detections:=/detections -p score_threshold:=0.4". Works without the package too: ros2 launch <this file>.
A node of launch_ros, so that PushRosNamespace, SetRemap and SetParameter of a launch file around this one reach it.
"""

import os
import shlex

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode


def start(context):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    # As launch reads a condition: True of a launch file in Python is written so too.
    def is_on(name):
        given = value(name).strip().lower()
        if given not in ('true', '1', 'false', '0'):
            raise RuntimeError(name + ' is neither true nor false: ' + repr(value(name)))
        return given in ('true', '1')

    source = 'ros:' + value('image')
    more = [part for part in (value('image_qos'), value('image_more')) if part]
    if more:
        source += '?' + '&'.join(more)
    command = ['run', '--model', value('model'), '--source', source, '--publish', 'ros', '--ros', value('adapter')]
    if value('qos'):
        command += ['--ros-qos', ','.join(shlex.split(value('qos')))]
    if is_on('managed'):
        command += ['--no-ros-auto-activate']
    if is_on('bond'):
        command += ['--ros-bond']
    parameters = [value('params_file')] if value('params_file') else []
    if parameters and not os.path.isfile(parameters[0]):
        raise RuntimeError('no such params_file: ' + parameters[0])
    if is_on('use_sim_time'):
        parameters += [{'use_sim_time': True}]
    return [LifecycleNode(
        executable='goshawk',
        arguments=command,
        name=value('node').strip('/'),
        namespace=value('namespace').strip('/'),
        remappings=[tuple(each.split(':=', 1)) for each in shlex.split(value('remap'))],
        parameters=parameters,
        ros_arguments=shlex.split(value('arguments')),
        output='screen',
    )]


def generate_launch_description():
    def argument(name, default, description):
        return DeclareLaunchArgument(name, default_value=default, description=description)

    return LaunchDescription([
        DeclareLaunchArgument('model', description='folder of the model bundle'),
        argument('image', '/camera/image_raw', 'topic of the camera'),
        argument('image_qos', '', 'of the camera, e.g. reliability=reliable&depth=10'),
        argument('image_more', '', 'what else a source says, e.g. depth_topic=/camera/depth/image_raw'),
        argument('node', 'goshawk', 'name of the node'),
        argument('namespace', '', 'of the node'),
        argument('remap', '', 'other names, by space: ~/detections:=/detections'),
        argument('adapter', 'auto', 'auto, dds, fastdds or rclnodejs'),
        argument('qos', '', 'of topics, by space: detections?reliability=best_effort&depth=1'),
        argument('managed', 'false', 'true: a lifecycle manager configures and activates it'),
        argument('bond', 'false', 'true: keeps the bond of nav2\'s lifecycle manager'),
        argument('params_file', '', 'YAML with parameters, e.g. that of goshawk_ros/config'),
        argument('use_sim_time', 'false', 'true: its own stamps are those of /clock'),
        argument('arguments', '', 'more of them, as after --ros-args'),
        OpaqueFunction(function=start),
    ])
